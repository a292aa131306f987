using System.Text.Json.Nodes;

namespace Helix.StandIn.Serving;

/// <summary>What a request for text wants.</summary>
internal sealed record Ask(string Prompt, string LastWords, string? Model, bool Stream, int? MaxTokens, bool Usage, string? Format)
{
    public int PromptTokens => Text.Count(Prompt);

    public static Ask OfChat(JsonObject body)
    {
        var messages = body["messages"] as JsonArray ?? throw new Unreadable("messages: Field required");
        string[] texts = [.. messages.OfType<JsonObject>().Select(message => Words(message["content"]))];
        return Read(body, string.Join(' ', texts), texts.Length == 0 ? "" : texts[^1]);
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
