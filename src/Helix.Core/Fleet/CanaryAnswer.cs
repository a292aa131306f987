using System.Text.Json;

namespace Helix.Core.Fleet;

/// <summary>What an engine made of the question for one token.</summary>
internal static class CanaryAnswer
{
    private static readonly string[] s_texts = ["content", "reasoning_content", "reasoning"];

    /// <summary>There is a token in a completion, or a number in an embedding or a ranking. An answer may have the right form, and nothing in it.</summary>
    /// <param name="endIsToken">See <see cref="Manifests.Serves.EndIsToken"/>.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static bool HasToken(ReadOnlyMemory<byte> answer, bool endIsToken = false)
    {
        using var body = JsonDocument.Parse(answer);
        var root = body.RootElement;
        // a token need not show: half a letter, or one that only marks the end
        return (At(root, "usage") is { } usage && At(usage, "completion_tokens") is { ValueKind: JsonValueKind.Number } count && count.TryGetInt64(out var tokens) && tokens > 0)
            || Items(root, "choices").Any(choice => HasText(choice) || (endIsToken && At(choice, "finish_reason") is { ValueKind: JsonValueKind.String } reason && reason.ValueEquals("stop")))
            || Items(root, "results").Any(item => At(item, "relevance_score") is { ValueKind: JsonValueKind.Number })
            || Items(root, "data").Any(item => At(item, "embedding") is { } vector && (IsText(vector) || (vector.ValueKind == JsonValueKind.Array && vector.GetArrayLength() > 0)));
    }

    private static bool HasText(JsonElement choice) =>
        (At(choice, "text") is { } text && IsText(text))
        || (At(choice, "message") is { } message && (s_texts.Any(name => At(message, name) is { } said && IsText(said)) || Items(message, "tool_calls").Any()));

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0;

    private static JsonElement? At(JsonElement map, string name) => map.ValueKind == JsonValueKind.Object && map.TryGetProperty(name, out var value) ? value : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement map, string name) => At(map, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;
}
