using System.Text;
using System.Text.Json;
using Helix.Engine;

namespace Helix.EngineHost;

/// <summary>How an answer is wanted: what chat and plain completions have in common.</summary>
/// <param name="MaxTokens">Null for as many as the context has room for.</param>
internal sealed record AnswerWish(int? MaxTokens, Sampling Sampling, uint? Seed, IReadOnlyList<byte[]> Stops, bool Stream, bool IncludeUsage)
{
    private const int MostStops = 16;

    /// <summary>Fields that change no answer; clients send them by default.</summary>
    public static readonly string[] Harmless =
        ["user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "parallel_tool_calls", "cache_prompt"];

    public static AnswerWish Read(RequestFields fields, bool chat)
    {
        var defaults = new Sampling();
        fields.Text("model");
        var maxTokens = fields.Integer("max_tokens", 1, int.MaxValue);
        if (chat)
        {
            var newer = fields.Integer("max_completion_tokens", 1, int.MaxValue);
            if (maxTokens is not null && newer is not null && maxTokens != newer)
                fields.Fault("max_tokens", "invalid_value", "contradicts `max_completion_tokens`. Send one of them");
            maxTokens = newer ?? maxTokens;
        }

        var sampling = new Sampling(
            fields.Number("temperature", 0, 2) ?? defaults.Temperature,
            (int)Math.Max(0, fields.Integer("top_k", -1, int.MaxValue) ?? defaults.TopK),
            fields.Number("top_p", 0, 1) ?? defaults.TopP,
            fields.Number("min_p", 0, 1) ?? defaults.MinP,
            fields.Number("repeat_penalty", 0.01, 10) ?? defaults.RepeatPenalty,
            fields.Number("frequency_penalty", -2, 2) ?? defaults.FrequencyPenalty,
            fields.Number("presence_penalty", -2, 2) ?? defaults.PresencePenalty,
            ReadFormat(fields));
        var stream = fields.Flag("stream") ?? false;
        return new AnswerWish((int?)maxTokens, sampling, ReadSeed(fields), ReadStops(fields), stream, ReadIncludeUsage(fields));
    }

    /// <summary>llama.cpp takes the highest 32-bit seed for "draw one", so that one is not handed on.</summary>
    private static uint? ReadSeed(RequestFields fields) =>
        fields.Integer("seed", long.MinValue, long.MaxValue) is { } seed ? (uint)((ulong)seed % uint.MaxValue) : null;

    private static bool ReadFormat(RequestFields fields)
    {
        if (fields.Object("response_format") is not { } format)
            return false;
        if (!format.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
        {
            fields.Fault("response_format.type", "invalid_value", "must be `text` or `json_object`");
            return false;
        }

        var kind = fields.TextOf(type, "response_format.type");
        if (kind == "json_schema")
            fields.Fault("response_format.type", "unsupported_parameter", $"`json_schema`: {Beyond.Refuse("an answer bound to a JSON schema")}");
        else if (kind is not (null or "text" or "json_object"))
            fields.Fault("response_format.type", "invalid_value", "must be `text` or `json_object`");
        return kind == "json_object";
    }

    private static IReadOnlyList<byte[]> ReadStops(RequestFields fields)
    {
        if (fields.Any("stop") is not { } stop)
            return [];
        JsonElement[] texts = stop.ValueKind == JsonValueKind.Array ? [.. stop.EnumerateArray()] : [stop];
        if (texts.Length > MostStops || texts.Any(text => text.ValueKind != JsonValueKind.String || text.ValueEquals("")))
        {
            fields.Fault("stop", "invalid_value", $"must be a string or an array of at most {MostStops} strings, none of them empty");
            return [];
        }

        return [.. texts.Select(text => fields.TextOf(text, "stop")).OfType<string>().Select(Encoding.UTF8.GetBytes)];
    }

    private static bool ReadIncludeUsage(RequestFields fields)
    {
        if (fields.Object("stream_options") is not { } options)
            return false;
        if (!options.TryGetProperty("include_usage", out var include) || include.ValueKind is JsonValueKind.Null or JsonValueKind.False)
            return false;
        if (include.ValueKind != JsonValueKind.True)
            fields.Fault("stream_options.include_usage", "invalid_type", $"must be true or false, not {RequestFields.Words(include)}");
        return true;
    }
}
