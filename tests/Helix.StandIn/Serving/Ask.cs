using System.Text.Json.Nodes;

namespace Helix.StandIn.Serving;

/// <summary>A call that a model makes of a tool.</summary>
/// <param name="Arguments">JSON.</param>
internal sealed record ToolCall(string Name, string Arguments);

/// <summary>What a request for text wants.</summary>
internal sealed record Ask(string Prompt, string LastWords, string? Model, bool Stream, int? MaxTokens, bool Usage, string? Format)
{
    public int PromptTokens => Text.Count(Prompt);

    /// <summary>What the answer begins with, and is not to be said again; null where nothing is.</summary>
    public string? Begun { get; init; }

    /// <summary>What a model that knows tools calls: the first of which the user's last words say <c>call NAME</c>; null for none.</summary>
    public ToolCall? Calls { get; init; }

    /// <param name="begun">Reads out of a body what is to be gone on from.</param>
    public static Ask OfChat(JsonObject body, Func<JsonObject, string?>? begun = null)
    {
        var messages = body["messages"] as JsonArray ?? throw new Unreadable("messages: Field required");
        var from = begun?.Invoke(body);
        string[] texts = [.. messages.OfType<JsonObject>().Select(message => Words(message["content"]))];
        // it may be a message, or a member of its own
        string[] asked = from is not null && Serving.Begun.Last(body) == from ? texts[..^1] : texts;
        return Read(body, string.Join(' ', from is null ? asked : [.. asked, from]), asked.Length == 0 ? "" : asked[^1]) with { Begun = from, Calls = CallOf(body, texts.LastOrDefault("")) };
    }

    private static ToolCall? CallOf(JsonObject body, string said)
    {
        if (body["tools"] is not JsonArray tools || body["messages"] is not JsonArray { Count: > 0 } messages || messages[^1] is not JsonObject last || last["role"]?.ToString() != "user") return null;
        var name = tools.Select(tool => tool?["function"]?["name"]?.ToString()).FirstOrDefault(name => name is not null && said.Contains($"call {name}", StringComparison.Ordinal));
        return name is null ? null : new(name, new JsonObject { ["said"] = said }.ToJsonString());
    }

    public static Ask OfCompletion(JsonObject body)
    {
        var prompt = Words(body["prompt"] ?? throw new Unreadable("prompt: Field required"));
        return Read(body, prompt, prompt);
    }

    private static Ask Read(JsonObject body, string prompt, string last) => new(
        prompt,
        last,
        body["model"]?.ToString(),
        body["stream"]?.GetValue<bool>() ?? false,
        (body["max_completion_tokens"] ?? body["max_tokens"] ?? body["n_predict"] ?? body["max_length"])?.GetValue<int>(),
        body["stream_options"]?["include_usage"]?.GetValue<bool>() ?? false,
        body["response_format"]?["type"]?.ToString());

    /// <summary>Text as a string, as a list of strings, or as parts with text.</summary>
    private static string Words(JsonNode? content) => content switch
    {
        JsonArray parts => string.Join(' ', parts.Select(part => part is JsonObject one ? one["text"]?.ToString() ?? "" : part?.ToString() ?? "")),
        null => "",
        _ => content.ToString(),
    };
}
