using System.Text.Json;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Gateway;

/// <summary>What an engine's refusal means for the request.</summary>
internal static class Refusal
{
    /// <summary>Stands for an error that came under a status of success and names none of its own.</summary>
    public const int Unnamed = 502;

    /// <summary>
    /// Another backend may do better: it is about this one (its key, its load, its trouble, what it cannot do), not about what was asked.
    /// </summary>
    public static bool MayPassElsewhere(int status) => status is 401 or 402 or 403 or 404 or 408 or 409 or 425 or 429 or >= 500;

    /// <summary>No cloud charges for it. Of what broke in the middle nobody knows.</summary>
    public static bool IsFree(int status) => status is (>= 300 and < 500 and not 408) or 503 or 529;

    /// <summary>It does not have the path, or not with this model: that says nothing of how it does otherwise.</summary>
    public static bool LacksRoute(int status) => status is 404 or 501;

    /// <summary>It is the backend's trouble, and counts against it.</summary>
    public static bool IsFault(int status) => status is 500 or >= 502;

    /// <summary>Whether a body that comes under a status of success is an error in truth, told from how it begins.</summary>
    public static bool BeginsLikeOne(ReadOnlySpan<byte> body)
    {
        if (BeginsLikeAnAnswer(body)) return false;
        try
        {
            var reader = new Utf8JsonReader(body, isFinalBlock: false, default);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName) return false;
            var (isError, isKind) = (reader.ValueTextEquals("error"u8), reader.ValueTextEquals("object"u8));
            if (!(isError || isKind) || !reader.Read()) return false;
            return isError ? reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String : reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("error"u8);
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Nearly every answer's first name has another first letter than those by which an error is told.</summary>
    private static bool BeginsLikeAnAnswer(ReadOnlySpan<byte> body)
    {
        var open = JsonSkip.Blank(body, 0);
        return open < body.Length && body[open] == '{' && body[JsonSkip.Blank(body, open + 1)..] is [(byte)'"', not ((byte)'e' or (byte)'o' or (byte)'\\'), ..];
    }

    /// <summary>The status that such a body names; <see cref="Unnamed"/> where it names none.</summary>
    public static int StatusOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return Unnamed;
            var error = root.TryGetProperty("error"u8, out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : root;
            foreach (var name in (ReadOnlySpan<string>)["code", "status"])
                if (error.TryGetProperty(name, out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var status) && status is >= 400 and <= 599)
                    return status;
            if (MessagesWords.Text(root, "type") == "error" && MessagesWords.StatusOf(MessagesWords.Text(error, "type")) is { } named) return named;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            // then it names none
        }

        return Unnamed;
    }
}
