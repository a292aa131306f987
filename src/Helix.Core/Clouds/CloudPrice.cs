using System.Text.Json.Serialization;

namespace Helix.Core.Clouds;

/// <summary>What a model costs, in US dollars for a million tokens.</summary>
/// <param name="In">Of a prompt.</param>
/// <param name="Out">Of an answer, what it thinks included.</param>
/// <param name="Cached">Of the part of a prompt that the cloud had kept; null: as much as any other.</param>
/// <param name="Answer">Tokens that an answer has at most where the request does not say.</param>
/// <param name="LongFrom">A prompt of more tokens than these makes the whole request cost the long prices; null: none does.</param>
internal sealed record CloudPrice(
    decimal In, decimal Out, decimal? Cached = null, int Answer = CloudPrice.UsualAnswer, int? LongFrom = null, decimal? LongIn = null, decimal? LongOut = null, decimal? LongCached = null)
{
    /// <summary>As long as answers of any model are that was on the market when this was written.</summary>
    public const int UsualAnswer = 128_000;

    /// <summary>What Anthropic takes for a token that it puts into its cache for five minutes, in prices of one that it only reads.</summary>
    public const decimal Written = 1.25m;

    /// <summary>The same for an hour.</summary>
    public const decimal WrittenLong = 2m;

    private const decimal PerPrice = 1_000_000m;

    /// <summary>Nothing costs more: beyond it stands a slip of the pen.</summary>
    public const decimal Highest = 1_000_000m;

    [JsonIgnore]
    public bool IsSound => In is >= 0 and <= Highest && Out is >= 0 and <= Highest && Cached is null or (>= 0 and <= Highest) && Answer > 0
        && (LongFrom is null || (LongFrom > 0 && LongIn >= In && LongOut >= Out));

    /// <param name="prompt">Tokens, those included that were cached or written into the cache.</param>
    /// <param name="written">Of the prompt, put into the cache for five minutes.</param>
    /// <param name="writtenLong">Of the prompt, put into it for an hour.</param>
    public Money CostOf(long prompt, long answer, long cached, long written = 0, long writtenLong = 0)
    {
        var isLong = prompt > LongFrom;
        var (perPrompt, perAnswer) = isLong ? (LongIn ?? In, LongOut ?? Out) : (In, Out);
        var perCached = (isLong ? LongCached : Cached) ?? perPrompt;
        writtenLong = Math.Clamp(writtenLong, 0, prompt);
        written = Math.Clamp(written, 0, prompt - writtenLong);
        cached = Math.Clamp(cached, 0, prompt - writtenLong - written);
        var plain = prompt - writtenLong - written - cached;
        return Money.Of(((plain + written * Written + writtenLong * WrittenLong) * perPrompt + cached * perCached + answer * perAnswer) / PerPrice);
    }
}
