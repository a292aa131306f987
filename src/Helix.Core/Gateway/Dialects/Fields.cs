using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Reads members of JSON objects strictly, and says where something is wrong.</summary>
internal static class Fields
{
    /// <summary>What is put around parts of a body must not make it deeper than what engines are sent.</summary>
    private const int MaxDepth = BodyPeek.MaxDepth - 4;

    /// <returns>Null where there is none, or null is, or the parent is no object.</returns>
    public static JsonElement? Any(this JsonElement parent, string name) => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static string? Text(this JsonElement parent, string name, string path)
    {
        if (parent.Any(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String ? Read(value, path) : throw DialectFault.Wrong(path, "a string");
    }

    public static bool? Flag(this JsonElement parent, string name, string path) => parent.Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw DialectFault.Wrong(path, "true or false"),
    };

    public static IEnumerable<JsonElement> Items(this JsonElement parent, string name, string path) => parent.Any(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } items => items.EnumerateArray(),
        _ => throw DialectFault.Wrong(path, "an array"),
    };

    public static JsonElement? Object(this JsonElement parent, string name, string path) => parent.Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => value,
        _ => throw DialectFault.Wrong(path, "an object"),
    };

    public static string Read(JsonElement text, string path)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw DialectFault.HalfCharacter(path);
        }
    }

    /// <summary>The whole body as one object.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span)) throw new DialectFault(new GatewayError(400, "invalid_json", "The body is not valid UTF-8. Send JSON in UTF-8."));
        try
        {
            var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
            throw new DialectFault(new GatewayError(400, "invalid_json", "The body is JSON, but not an object. Send one JSON object."));
        }
        catch (JsonException wrong)
        {
            throw new DialectFault(new GatewayError(
                400, "invalid_json", $"The body is not valid JSON (line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1}, nested at most {MaxDepth} deep). Send one JSON object."));
        }
    }

    /// <summary>Writes a member, where there is one, under another name. Whether its value is right, the engine says.</summary>
    public static void Copy(this Utf8JsonWriter json, JsonElement parent, string name, string target)
    {
        if (parent.Any(name) is not { } value) return;
        json.WritePropertyName(target);
        value.WriteTo(json);
    }

    /// <summary>A value as JSON text, its characters as they are.</summary>
    public static string Raw(this JsonElement value) => Encoding.UTF8.GetString(DialectJson.Value(value.WriteTo));
}
