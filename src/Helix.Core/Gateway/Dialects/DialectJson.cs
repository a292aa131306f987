using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Writes JSON as the answers of all dialects have it.</summary>
internal static class DialectJson
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One object with these members.</summary>
    public static byte[] Object(Action<Utf8JsonWriter> write) => Value(json =>
    {
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    });

    public static byte[] Value(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(bytes, s_options)) write(json);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Arguments of a call as an object. Models write what is no such JSON at times; then the client gets their text.</summary>
    public static void WriteArguments(Utf8JsonWriter json, string arguments) => json.WriteRawValue(Parsed(arguments) ?? Object(told => told.WriteString("arguments"u8, arguments)));

    private static byte[]? Parsed(string arguments)
    {
        try
        {
            using var document = JsonDocument.Parse(arguments.Length == 0 ? "{}" : arguments);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Value(document.RootElement.WriteTo) : null;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            // cut short, or half of a character
            return null;
        }
    }
}
