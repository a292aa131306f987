using System.Buffers.Text;
using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>What an answer took, in tokens.</summary>
/// <param name="Cached">Of the prompt, not computed again.</param>
internal readonly record struct TokenUsage(long Prompt, long Answer, long Cached)
{
    private const int MaxDepth = 64;

    /// <summary>Those first that everybody tells.</summary>
    private static readonly (byte[] Name, Figure Figure)[] s_figures =
    [
        ("prompt_tokens"u8.ToArray(), Figure.Prompt),
        ("completion_tokens"u8.ToArray(), Figure.Answer),
        ("total_tokens"u8.ToArray(), Figure.Total),
        ("prompt_tokens_details"u8.ToArray(), Figure.Details),
        ("input_tokens_details"u8.ToArray(), Figure.Details),
        ("input_tokens"u8.ToArray(), Figure.Prompt),
        ("output_tokens"u8.ToArray(), Figure.Answer),
        ("cached_tokens"u8.ToArray(), Figure.Cached),
        ("cache_read_input_tokens"u8.ToArray(), Figure.Cached),
    ];

    private static ReadOnlySpan<byte> CachedName => "cached_tokens"u8;

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
        // not with its first quote: two of them stand as far from each other as these in much that is said
        for (var at = piece.LastIndexOf("usage\""u8); at > 0; at = piece[..at].LastIndexOf("usage\""u8))
        {
            if (piece[at - 1] != '"') continue;
            var colon = JsonSkip.Blank(piece, at + 6);
            if (colon == piece.Length || piece[colon] != ':') continue;
            // many write of each piece that it tells none
            var begin = JsonSkip.Blank(piece, colon + 1);
            if (begin < piece.Length && piece[begin] == '{' && Of(piece[begin..], isRead) is { } usage) return usage;
        }

        return null;
    }

    /// <summary>What the object tells with which a text begins.</summary>
    /// <returns>Null where it tells none, or is not whole.</returns>
    private static TokenUsage? Of(ReadOnlySpan<byte> text, bool isRead)
    {
        var told = default(Told);
        var members = new JsonMembers(text, MaxDepth);
        while (members.Next())
        {
            var figure = Which(members.Name);
            if (figure == Figure.Details && members.Value[0] == '{')
            {
                var details = new JsonMembers(members.Value, MaxDepth - 1);
                while (details.Next())
                    if (details.Name.SequenceEqual(CachedName)) told.Add(Figure.Cached, details.Value);
                if (!details.IsWhole) return Read(text, isRead);
            }
            else if (figure != Figure.Other) told.Add(figure, members.Value);
        }

        return members.IsWhole ? told.Sum(isRead) : Read(text, isRead);
    }

    /// <summary>The same, also where names are written in ways that only a reader understands.</summary>
    internal static TokenUsage? Read(ReadOnlySpan<byte> text, bool isRead)
    {
        try
        {
            var reader = new Utf8JsonReader(text, isFinalBlock: false, default);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            var told = default(Told);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var figure = Which(ref reader);
                if (!reader.Read()) return null;
                if (reader.TokenType == JsonTokenType.Number) told.Add(figure, reader.ValueSpan);
                else if (figure == Figure.Details && reader.TokenType == JsonTokenType.StartObject) ReadDetails(ref reader, ref told);
                else if (!reader.TrySkip()) return null;
            }

            return reader.TokenType == JsonTokenType.EndObject ? told.Sum(isRead) : null;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void ReadDetails(ref Utf8JsonReader reader, ref Told told)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCached = reader.ValueTextEquals(CachedName);
            if (!reader.Read()) return;
            if (isCached && reader.TokenType == JsonTokenType.Number) told.Add(Figure.Cached, reader.ValueSpan);
            else reader.TrySkip();
        }
    }

    private static Figure Which(ReadOnlySpan<byte> name)
    {
        foreach (var (known, figure) in s_figures)
            if (name.SequenceEqual(known)) return figure;
        return Figure.Other;
    }

    /// <summary>The figure whose name the reader stands on.</summary>
    private static Figure Which(ref Utf8JsonReader reader)
    {
        foreach (var (known, figure) in s_figures)
            if (reader.ValueTextEquals(known)) return figure;
        return Figure.Other;
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

    /// <summary>Figures, one after the other.</summary>
    private struct Told
    {
        private long _prompt;
        private long _answer;
        private long _total;
        private long _cached;
        private bool _isTold;

        /// <param name="value">JSON; nothing is told by what is no number of tokens.</param>
        public void Add(Figure figure, ReadOnlySpan<byte> value)
        {
            if (!Utf8Parser.TryParse(value, out long count, out var read) || read != value.Length || count < 0) return;
            switch (figure)
            {
                case Figure.Prompt: (_prompt, _isTold) = (count, true); break;
                case Figure.Answer: (_answer, _isTold) = (count, true); break;
                case Figure.Total: _total = count; break;
                case Figure.Cached: _cached = count; break;
            }
        }

        /// <param name="isRead">A total alone is the prompt's.</param>
        /// <returns>Null where nothing is told.</returns>
        public readonly TokenUsage? Sum(bool isRead)
        {
            if (!_isTold) return isRead && _total > 0 ? new TokenUsage(_total, 0, _cached) : null;
            // Gemini counts what a model thinks in the total only
            return new TokenUsage(_prompt, Math.Max(_answer, _total - _prompt), _cached);
        }
    }
}
