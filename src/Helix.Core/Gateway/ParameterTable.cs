using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>How parameters are called: in a manifest, in a body, and by clients of other dialects.</summary>
internal static class ParameterTable
{
    /// <summary>These change no answer, or nothing that helix does not tell otherwise.</summary>
    public const RequestParameters Harmless =
        RequestParameters.CachePrompt | RequestParameters.Metadata | RequestParameters.PromptCacheKey | RequestParameters.PromptCacheRetention | RequestParameters.SafetyIdentifier
        | RequestParameters.ServiceTier | RequestParameters.Store | RequestParameters.StreamOptions | RequestParameters.User;

    /// <summary>Bytes of a name that is written with escapes; none of these has more.</summary>
    private const int MostEscaped = 160;

    private static readonly ImmutableArray<(string Word, RequestParameters Parameter)> s_all =
    [
        ("audio", RequestParameters.Audio),
        ("best_of", RequestParameters.BestOf),
        ("cache_prompt", RequestParameters.CachePrompt),
        ("chat_template_kwargs", RequestParameters.ChatTemplateKwargs),
        ("dimensions", RequestParameters.Dimensions),
        ("echo", RequestParameters.Echo),
        ("encoding_format", RequestParameters.EncodingFormat),
        ("frequency_penalty", RequestParameters.FrequencyPenalty),
        ("grammar", RequestParameters.Grammar),
        ("json_object", RequestParameters.JsonObject),
        ("logit_bias", RequestParameters.LogitBias),
        ("logprobs", RequestParameters.Logprobs),
        ("metadata", RequestParameters.Metadata),
        ("min_p", RequestParameters.MinP),
        ("modalities", RequestParameters.Modalities),
        ("n", RequestParameters.N),
        ("parallel_tool_calls", RequestParameters.ParallelToolCalls),
        ("prediction", RequestParameters.Prediction),
        ("presence_penalty", RequestParameters.PresencePenalty),
        ("prompt_cache_key", RequestParameters.PromptCacheKey),
        ("prompt_cache_retention", RequestParameters.PromptCacheRetention),
        ("reasoning_effort", RequestParameters.ReasoningEffort),
        ("repeat_penalty", RequestParameters.RepeatPenalty),
        ("repetition_penalty", RequestParameters.RepetitionPenalty),
        ("response_format", RequestParameters.ResponseFormat),
        ("safety_identifier", RequestParameters.SafetyIdentifier),
        ("seed", RequestParameters.Seed),
        ("service_tier", RequestParameters.ServiceTier),
        ("stop", RequestParameters.Stop),
        ("store", RequestParameters.Store),
        ("stream_options", RequestParameters.StreamOptions),
        ("suffix", RequestParameters.Suffix),
        ("top_k", RequestParameters.TopK),
        ("top_logprobs", RequestParameters.TopLogprobs),
        ("top_p", RequestParameters.TopP),
        ("typical_p", RequestParameters.TypicalP),
        ("user", RequestParameters.User),
        ("verbosity", RequestParameters.Verbosity),
        ("web_search_options", RequestParameters.WebSearchOptions),
    ];

    /// <summary>Names of members, by how many bytes they have.</summary>
    private static readonly (byte[] Name, RequestParameters Parameter)[][] s_byLength = ByLength();

    /// <summary>What a manifest may name.</summary>
    public static ImmutableArray<string> Words { get; } = [.. s_all.Select(each => each.Word)];

    /// <summary>All that these words of a manifest name.</summary>
    public static RequestParameters Of(IEnumerable<string> words) =>
        words.Aggregate(RequestParameters.None, (all, word) => all | s_all.First(each => each.Word == word).Parameter);

    /// <summary>The one whose name the reader stands on; none where it is none of these.</summary>
    /// <exception cref="InvalidOperationException">Half of a character is in the name.</exception>
    public static RequestParameters Of(ref Utf8JsonReader reader) => reader.ValueIsEscaped ? OfEscaped(ref reader) : Of(reader.ValueSpan);

    /// <summary>The one that a member of this name is.</summary>
    public static RequestParameters Of(ReadOnlySpan<byte> name)
    {
        if (name.Length >= s_byLength.Length) return RequestParameters.None;
        foreach (var (known, parameter) in s_byLength[name.Length])
            if (known[0] == name[0] && name.SequenceEqual(known)) return parameter;
        return RequestParameters.None;
    }

    /// <summary>One after the other.</summary>
    public static IEnumerable<RequestParameters> Each(RequestParameters several) => s_all.Select(each => each.Parameter).Where(each => several.HasFlag(each));

    /// <summary>As a client of this dialect calls them, without what it cannot have said.</summary>
    public static ImmutableArray<string> NamesIn(ClientDialect dialect, RequestParameters several) => several == RequestParameters.None
        ? []
        : [.. s_all.Where(each => several.HasFlag(each.Parameter)).Select(each => NameIn(dialect, each.Parameter, each.Word)).OfType<string>().Distinct()];

    private static RequestParameters OfEscaped(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > MostEscaped) return RequestParameters.None;
        Span<byte> name = stackalloc byte[MostEscaped];
        return Of(name[..reader.CopyString(name)]);
    }

    private static (byte[] Name, RequestParameters Parameter)[][] ByLength()
    {
        var members = s_all.Where(each => each.Parameter != RequestParameters.JsonObject).Select(each => (Name: Encoding.UTF8.GetBytes(each.Word), each.Parameter)).ToArray();
        return [.. Enumerable.Range(0, members.Max(each => each.Name.Length) + 1).Select(length => members.Where(each => each.Name.Length == length).ToArray())];
    }

    /// <returns>Null for what helix itself wrote into its request.</returns>
    private static string? NameIn(ClientDialect dialect, RequestParameters parameter, string word) => (dialect, parameter) switch
    {
        (ClientDialect.OpenAi, RequestParameters.JsonObject) => "response_format",
        (ClientDialect.OpenAi, _) => word,
        (_, RequestParameters.StreamOptions) => null,
        (ClientDialect.Responses, RequestParameters.ResponseFormat or RequestParameters.JsonObject) => "text.format",
        (ClientDialect.Anthropic, RequestParameters.ResponseFormat or RequestParameters.JsonObject) => "output_format",
        (ClientDialect.Anthropic, RequestParameters.User) => "metadata.user_id",
        (ClientDialect.Anthropic, RequestParameters.Stop) => "stop_sequences",
        (ClientDialect.Anthropic, RequestParameters.ParallelToolCalls) => "tool_choice.disable_parallel_tool_use",
        (ClientDialect.Ollama, RequestParameters.ResponseFormat or RequestParameters.JsonObject) => "format",
        (ClientDialect.Ollama, RequestParameters.Suffix or RequestParameters.Dimensions) => word,
        (ClientDialect.Ollama, _) => $"options.{word}",
        _ => word,
    };
}
