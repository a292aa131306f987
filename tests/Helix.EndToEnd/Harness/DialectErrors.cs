using System.Text.Json;
using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Harness;

/// <summary>Whether a text is an error as the clients of a path expect it.</summary>
internal static class DialectErrors
{
    public static bool IsOne(string path, string text)
    {
        if (Parsed(text) is not { } json) return false;
        var error = json["error"];
        if (path.StartsWith("/api/", StringComparison.Ordinal)) return IsText(error);
        if (path.StartsWith("/v1/messages", StringComparison.Ordinal)) return IsText(json["type"]) && (string?)json["type"] == "error" && Says(error, "type");
        return Says(error, path.StartsWith("/helix/", StringComparison.Ordinal) ? "code" : "type");
    }

    private static bool Says(JsonNode? error, string kind) => error is JsonObject its && IsText(its[kind]) && IsText(its["message"]);

    private static bool IsText(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Length > 0;

    private static JsonObject? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
