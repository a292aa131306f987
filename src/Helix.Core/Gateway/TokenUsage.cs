using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>What an answer took, in tokens.</summary>
/// <param name="Cached">Of the prompt, not computed again.</param>
internal readonly record struct TokenUsage(long Prompt, long Answer, long Cached)
{
    /// <summary>Of the prompt, put into a cache for five minutes, for which Anthropic takes more.</summary>
    public long Written { get; init; }

    /// <summary>Of the prompt, put into it for an hour.</summary>
    public long WrittenLong { get; init; }

    /// <summary>KoboldCpp tells this of whatever it answers (1.76; newer ones count). Who really took just so many is estimated about right all the same.</summary>
    public bool IsMadeUp => this is { Prompt: 100, Answer: 100, Cached: 0 };

    /// <summary>Reads the last usage that a piece of an answer tells, in OpenAI's or Anthropic's words. What stands in a text is not taken for one: its quotes are escaped.</summary>
    /// <param name="isRead">Whoever tells only a total has read all of it: there is no answer in tokens.</param>
    /// <returns>Null where it tells none.</returns>
    public static TokenUsage? In(ReadOnlySpan<byte> piece, bool isRead = false)
    {
        for (var at = piece.LastIndexOf("\"usage\""u8); at >= 0; at = piece[..at].LastIndexOf("\"usage\""u8))
        {
            var value = piece[(at + 7)..].TrimStart(" \t\r\n"u8);
            // many write of each piece that it tells none
            if (value is [(byte)':', .. var told] && told.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] all && Read(all, isRead) is { } usage) return usage;
        }

        return null;
    }

    private static TokenUsage? Read(ReadOnlySpan<byte> value, bool isRead)
    {
        try
        {
            var reader = new Utf8JsonReader(value, isFinalBlock: false, default);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            var (usage, told, total) = (default(TokenUsage), false, 0L);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var figure = Which(ref reader);
                if (!reader.Read()) return null;
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count >= 0)
                {
                    switch (figure)
                    {
                        case Figure.Prompt: (usage, told) = (usage with { Prompt = count }, true); break;
                        case Figure.Answer: (usage, told) = (usage with { Answer = count }, true); break;
                        case Figure.Total: total = count; break;
                        case Figure.Cached: usage = usage with { Cached = count }; break;
                    }
                }
                else if (figure == Figure.Details && reader.TokenType == JsonTokenType.StartObject)
                {
                    usage = usage with { Cached = CachedIn(ref reader) ?? usage.Cached };
                }
                else if (!reader.TrySkip()) return null;
            }

            if (isRead && !told && total > 0) (usage, told) = (usage with { Prompt = total }, true);
            // Gemini counts what a model thinks in the total only
            return told && reader.TokenType == JsonTokenType.EndObject ? usage with { Answer = Math.Max(usage.Answer, total - usage.Prompt) } : null;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private enum Figure
    {
        Other,
        Prompt,
        Answer,
        Total,
        Cached,

        /// <summary>Of the prompt.</summary>
        Details,
    }

    /// <summary>The figure whose name the reader stands on; those first that everybody tells.</summary>
    private static Figure Which(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("prompt_tokens"u8) ? Figure.Prompt
        : reader.ValueTextEquals("completion_tokens"u8) ? Figure.Answer
        : reader.ValueTextEquals("total_tokens"u8) ? Figure.Total
        : reader.ValueTextEquals("prompt_tokens_details"u8) || reader.ValueTextEquals("input_tokens_details"u8) ? Figure.Details
        : reader.ValueTextEquals("input_tokens"u8) ? Figure.Prompt
        : reader.ValueTextEquals("output_tokens"u8) ? Figure.Answer
        : reader.ValueTextEquals("cached_tokens"u8) || reader.ValueTextEquals("cache_read_input_tokens"u8) ? Figure.Cached
        : Figure.Other;

    private static long? CachedIn(ref Utf8JsonReader reader)
    {
        long? cached = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCached = reader.ValueTextEquals("cached_tokens"u8);
            if (!reader.Read()) return cached;
            if (isCached && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count >= 0) cached = count;
            else reader.TrySkip();
        }

        return cached;
    }
}
