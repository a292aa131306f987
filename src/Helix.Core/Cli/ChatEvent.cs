using System.Text.Json;

namespace Helix.Core.Cli;

/// <summary>One line of an answer as it streams.</summary>
internal abstract record ChatEvent
{
    private ChatEvent() { }

    /// <param name="Text">May be empty.</param>
    internal sealed record Piece(string Text) : ChatEvent;

    /// <summary>Why the answer ended: <c>stop</c>, <c>length</c> …</summary>
    internal sealed record Finished(string Reason) : ChatEvent;

    internal sealed record Usage(int PromptTokens, int AnswerTokens) : ChatEvent;

    /// <summary>A sign of life while nothing else comes.</summary>
    internal sealed record Waiting(string Word) : ChatEvent;

    internal sealed record Failed(string Code, string Message) : ChatEvent;

    internal sealed record End : ChatEvent;

    /// <summary>Reads one line of a stream of server-sent events; a line may carry several events, or none.</summary>
    public static IReadOnlyList<ChatEvent> Read(string line)
    {
        if (line.StartsWith(':')) return line.Length > 1 ? [new Waiting(line[1..].Trim())] : [];
        if (!line.StartsWith("data:", StringComparison.Ordinal)) return [];
        var data = line[5..].Trim();
        return data == "[DONE]" ? [new End()] : ReadJson(data);
    }

    /// <summary>Reads a body that is an error, or says so in general words.</summary>
    public static Failed ReadError(string body, string otherwise) =>
        Parse(body) is { } root && FailureIn(root) is { } failed ? failed : new("error", body.Length is > 0 and < 500 ? body : otherwise);

    private static List<ChatEvent> ReadJson(string data)
    {
        var events = new List<ChatEvent>();
        if (Parse(data) is not { } root) return [new Failed("error", "the answer holds something that is not JSON")];
        if (FailureIn(root) is { } failed) return [failed];
        if (root.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array)
        {
            foreach (var choice in choices.EnumerateArray())
            {
                if (choice.TryGetProperty("delta", out var delta) && TextIn(delta, "content") is { } piece) events.Add(new Piece(piece));
                if (TextIn(choice, "finish_reason") is { } reason) events.Add(new Finished(reason));
            }
        }

        if (root.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
            events.Add(new Usage(NumberIn(usage, "prompt_tokens"), NumberIn(usage, "completion_tokens")));
        return events;
    }

    private static JsonElement? Parse(string text)
    {
        try
        {
            var root = JsonElement.Parse(text);
            return root.ValueKind == JsonValueKind.Object ? root : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Failed? FailureIn(JsonElement root) =>
        root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            ? new(TextIn(error, "code") ?? TextIn(error, "type") ?? "error", TextIn(error, "message") ?? "the engine gave no reason")
            : null;

    private static string? TextIn(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int NumberIn(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;
}
