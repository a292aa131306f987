using System.Text.Json;
using Helix.Core.Gateway;

namespace Helix.Core.Clouds;

/// <summary>What of a request decides what a cloud may charge for it at most.</summary>
/// <param name="PromptTokens">No fewer than any vocabulary makes of it: one for each byte, and for each picture what the dearest model makes of one.</param>
/// <param name="AnswerTokens">That the request allows each answer; null where it does not say.</param>
/// <param name="Answers">That are asked for.</param>
/// <param name="SaysStreamOptions">It says itself what its stream is to tell.</param>
/// <param name="Unknown">What of it has costs that cannot be known before; null for nothing.</param>
internal sealed record CloudQuestion(long PromptTokens, long? AnswerTokens, long Answers, bool SaysStreamOptions, string? Unknown)
{
    /// <summary>How long its answer may be stands in <c>max_completion_tokens</c> only, a word that clouds other than those that helix knows may pass over.</summary>
    public bool IsNewlyWorded { get; init; }

    /// <summary>So many times as dear as any other may each token of the prompt be: what is put into a cache costs more.</summary>
    public decimal PromptFactor { get; init; } = 1;

    /// <summary>gpt-4o-mini, of all that are known, makes the most of one: 2833 and, for each of eight tiles, 5667.</summary>
    public const int PictureTokens = 50_000;

    /// <summary>What clouds put before a prompt by themselves, and between its parts.</summary>
    public const int OverheadTokens = 1_000;

    private const int LongestShown = 80;

    /// <summary>Those whose costs are known: they cost nothing, or stand in the tokens. Clouds may charge whatever they like for any other.</summary>
    private static readonly string[] s_known =
    [
        "model", "messages", "prompt", "input", "suffix", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "best_of", "modalities", "service_tier",
        "temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "repetition_penalty", "repeat_penalty", "seed", "stop", "logit_bias", "logprobs", "top_logprobs", "echo",
        "response_format", "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "reasoning_effort", "verbosity", "thinking",
        "encoding_format", "dimensions", "user", "metadata", "store", "safety_identifier", "prompt_cache_key",
    ];

    private static readonly string[] s_tools = ["function", "custom"];
    private static readonly string[] s_parts = ["text", "image_url", "refusal"];
    private static readonly string[] s_usualTiers = ["auto", "default", "flex"];

    /// <param name="body">In OpenAI's words; looked at before, so that it is one JSON object.</param>
    public static CloudQuestion Of(ReadOnlySpan<byte> body)
    {
        try
        {
            return Read(body);
        }
        catch (InvalidOperationException)
        {
            return new(body.Length + OverheadTokens, null, 1, false, "half of a character");
        }
    }

    /// <exception cref="InvalidOperationException">A name, or what is compared with one, has half of a character in it.</exception>
    private static CloudQuestion Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = BodyPeek.MaxDepth });
        reader.Read();
        var tally = new Tally();
        var (answers, prompts) = (1L, 1L);
        long? most = null;
        var isOldWord = false;
        HashSet<string> names = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            // which of two a cloud takes is its own affair
            if (!names.Add(name)) tally.Unknown ??= name;
            if (reader.TokenType == JsonTokenType.Null) continue;
            switch (name)
            {
                case "messages":
                    Messages(ref reader, ref tally);
                    continue;
                case "tools":
                    Typed(ref reader, name, s_tools, ref tally);
                    continue;
                case "prompt":
                    prompts = CountOf(reader);
                    break;
                case "input" when HasObject(reader):
                    tally.Unknown ??= name;
                    break;
                case "max_tokens" or "max_completion_tokens":
                    most = Math.Max(most ?? 0, Whole(reader, name, ref tally));
                    isOldWord |= name == "max_tokens";
                    break;
                case "n" or "best_of":
                    answers = Math.Max(answers, Math.Min(Whole(reader, name, ref tally), int.MaxValue));
                    break;
                case "service_tier" when reader.TokenType != JsonTokenType.String || !s_usualTiers.Contains(reader.GetString()):
                case "modalities" when !IsTextOnly(reader):
                    tally.Unknown ??= name;
                    break;
                case var other when !s_known.Contains(other):
                    tally.Unknown ??= other;
                    break;
            }

            reader.Skip();
        }

        return new(body.Length - tally.Inline + tally.Pictures * PictureTokens + OverheadTokens, most, answers * prompts, names.Contains("stream_options"), Shown(tally.Unknown)) { IsNewlyWorded = most is not null && !isOldWord };
    }

    /// <summary>A name as it is told, which is not longer than it has to be.</summary>
    public static string? Shown(string? name) => name is { Length: > LongestShown } ? name[..LongestShown] + "…" : name;

    /// <summary>What it may cost at most.</summary>
    public Money MostAt(CloudPrice price, bool hasAnswer) => (PromptFactor == 1 ? price : price with { In = price.In * PromptFactor, LongIn = price.LongIn * PromptFactor }).CostOf(PromptTokens, hasAnswer ? Math.Min(AnswerTokens ?? price.Answer, int.MaxValue) * Math.Min(Answers, int.MaxValue) : 0, 0);

    /// <summary>What was found while the request was read.</summary>
    private struct Tally
    {
        public long Pictures;

        /// <summary>Bytes of pictures that stand in the request itself.</summary>
        public long Inline;

        public string? Unknown;
    }

    /// <summary>Reads on to the end of the messages.</summary>
    private static void Messages(ref Utf8JsonReader reader, ref Tally tally)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            tally.Unknown ??= "messages";
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject) reader.Skip();
            else Message(ref reader, ref tally);
        }
    }

    private static void Message(ref Utf8JsonReader reader, ref Tally tally)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isContent, isCalls, isSound) = (reader.ValueTextEquals("content"u8), reader.ValueTextEquals("tool_calls"u8), reader.ValueTextEquals("audio"u8));
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null) continue;
            if (isSound) tally.Unknown ??= "audio";
            if (isContent && reader.TokenType != JsonTokenType.String) Typed(ref reader, "content", s_parts, ref tally);
            else if (isCalls) Typed(ref reader, "tool_calls", s_tools, ref tally);
            else reader.Skip();
        }
    }

    /// <summary>Reads on to the end of a list of objects that each say of which type they are.</summary>
    private static void Typed(ref Utf8JsonReader reader, string name, string[] types, ref Tally tally)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            tally.Unknown ??= name;
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var isKnown = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isType, isPicture) = (reader.ValueTextEquals("type"u8), types == s_parts && reader.ValueTextEquals("image_url"u8));
                reader.Read();
                if (isType)
                {
                    isKnown = reader.TokenType == JsonTokenType.String && types.Contains(reader.GetString());
                    if (!isKnown) tally.Unknown ??= reader.TokenType == JsonTokenType.String ? reader.GetString() : "type";
                }

                if (isPicture) Picture(ref reader, ref tally);
                else reader.Skip();
            }

            if (!isKnown) tally.Unknown ??= "type";
        }
    }

    /// <summary>Its address, or an object with that in it.</summary>
    private static void Picture(ref Utf8JsonReader reader, ref Tally tally)
    {
        tally.Pictures++;
        var depth = reader.CurrentDepth + 1;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            tally.Inline += InlineIn(reader);
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.CurrentDepth >= depth)
            if (reader.CurrentDepth == depth)
                tally.Inline += InlineIn(reader);
    }

    private static long InlineIn(in Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String && reader.ValueSpan.StartsWith("data:image/"u8) ? reader.ValueSpan.Length : 0;

    private static bool HasObject(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return reader.TokenType == JsonTokenType.StartObject;
        var depth = reader.CurrentDepth + 1;
        while (reader.Read() && reader.CurrentDepth >= depth)
            if (reader.TokenType == JsonTokenType.StartObject)
                return true;
        return false;
    }

    /// <summary>A list of prompts is answered each for itself; a list of numbers is one prompt.</summary>
    private static long CountOf(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return 1;
        var (depth, count) = (reader.CurrentDepth + 1, 0L);
        while (reader.Read() && reader.CurrentDepth >= depth)
            if (reader.CurrentDepth == depth && reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray)
                count++;
        return Math.Max(1, count);
    }

    private static bool IsTextOnly(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return reader.TokenType == JsonTokenType.Null;
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
            if (!reader.ValueTextEquals("text"u8)) return false;
        return reader.TokenType == JsonTokenType.EndArray;
    }

    /// <summary>A cloud may make any number it likes of what is none.</summary>
    private static long Whole(in Utf8JsonReader reader, string name, ref Tally tally)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number > 0) return number;
        tally.Unknown ??= name;
        return 0;
    }
}
