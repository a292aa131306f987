using System.Text.Json;

namespace Helix.EngineHost;

/// <summary>What other engines can and the built-in one cannot: refused by name, with who can do it.</summary>
internal static class Beyond
{
    private const string Servers = "Install llama-server (provider `llamacpp`) or vLLM (provider `vllm`)";

    private static readonly Dictionary<string, string> s_known = new(StringComparer.Ordinal)
    {
        ["tools"] = "calls no tools",
        ["tool_choice"] = "calls no tools",
        ["tool_calls"] = "calls no tools",
        ["tool_call_id"] = "calls no tools",
        ["functions"] = "calls no functions",
        ["function_call"] = "calls no functions",
        ["logprobs"] = "gives no log probabilities",
        ["top_logprobs"] = "gives no log probabilities",
        ["logit_bias"] = "takes no bias of single tokens",
        ["n"] = "gives one answer a request",
        ["best_of"] = "gives one answer a request",
        ["suffix"] = "fills no gaps",
        ["echo"] = "does not repeat the prompt",
        ["audio"] = "hears and speaks nothing",
        ["modalities"] = "gives text only",
        ["prediction"] = "takes no predictions",
        ["reasoning_effort"] = "has no settings for reasoning",
        ["reasoning"] = "has no settings for reasoning",
        ["verbosity"] = "has no settings for verbosity",
        ["web_search_options"] = "searches no web",
        ["grammar"] = "knows no grammar but that of `response_format` `json_object`",
        ["json_schema"] = "knows no JSON schema, only `response_format` `json_object`",
        ["dimensions"] = "does not shorten embeddings",
    };

    /// <summary>Code and words for a field that is not taken.</summary>
    public static (string Code, string What) Words(string name) => s_known.TryGetValue(name, out var lack)
        ? ("unsupported_parameter", $"is not possible here: the built-in engine {lack}. {Servers} for it")
        : ("unknown_parameter", "is not known. Remove it, or check its spelling");

    /// <summary>True for a value that every engine would take for the field's absence.</summary>
    public static bool AsksNothing(JsonProperty field) => field.Value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => field.Value.GetArrayLength() == 0 || (field.Name == "modalities" && field.Value.GetArrayLength() == 1 && field.Value[0].GetRawText() == "\"text\""),
        JsonValueKind.Object => !field.Value.EnumerateObject().MoveNext(),
        JsonValueKind.String => field.Value.ValueEquals("") || (field.Name is "tool_choice" or "function_call" && field.Value.GetRawText() is "\"none\"" or "\"auto\""),
        JsonValueKind.Number => (field.Name is "n" or "best_of" && field.Value.TryGetInt32(out var count) && count == 1)
            || (field.Name is "logprobs" or "top_logprobs" && field.Value.TryGetInt32(out var wanted) && wanted == 0),
        _ => false,
    };

    public static string Refuse(string what) => $"{what} is not possible with the built-in engine. {Servers} for it";
}
