using System.Text.Json.Nodes;

namespace Helix.StandIn.Serving;

/// <summary>What a request for text wants.</summary>
internal sealed record Ask(string Prompt, string LastWords, string? Model, bool Stream, int? MaxTokens, bool Usage, string? Format)
{
    public int PromptTokens => Text.Count(Prompt);

    /// <summary>What the answer begins with, and is not to be said again; null where nothing is.</summary>
    public string? Begun { get; init; }

    /// <summary>What a model that knows tools calls; null for none.</summary>
    public ToolCall? Calls { get; init; }

    /// <param name="begun">Reads out of a body what is to be gone on from.</param>
    public static Ask OfChat(JsonObject body, Func<JsonObject, string?>? begun = null)
    {
        var messages = body["messages"] as JsonArray ?? throw new Unreadable("messages: Field required");
        var from = begun?.Invoke(body);
        string[] texts = [.. messages.OfType<JsonObject>().Select(message => Words(message["content"]))];
        // it may be a message, or a member of its own
        string[] asked = from is not null && Serving.Begun.Last(body) == from ? texts[..^1] : texts;
        return Read(body, string.Join(' ', from is null ? asked : [.. asked, from]), asked.Length == 0 ? "" : asked[^1]) with { Begun = from, Calls = ToolCall.Of(body, texts.LastOrDefault("")) };
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
