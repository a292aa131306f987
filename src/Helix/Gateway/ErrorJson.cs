using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Gateway;

/// <summary>An error in OpenAI's shape, with the request's id beside it.</summary>
internal static class ErrorJson
{
    private const int MaxQuoted = 1000;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Body(GatewayError error, string requestId)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        Write(bytes, error, requestId);
        return bytes.WrittenMemory;
    }

    /// <summary>The same as one server-sent event.</summary>
    public static ReadOnlyMemory<byte> Frame(GatewayError error, string requestId)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        bytes.Write("data: "u8);
        Write(bytes, error, requestId);
        bytes.Write("\n\n"u8);
        return bytes.WrittenMemory;
    }

    /// <summary>An engine's refusal with the request's id beside it; one in a shape of its own is put into OpenAI's.</summary>
    /// <param name="refusal">What the engine sent: JSON, or any text.</param>
    public static ReadOnlyMemory<byte> OfEngine(ReadOnlyMemory<byte> refusal, int status, string requestId)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        try
        {
            using var document = JsonDocument.Parse(refusal);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error"u8, out var error) && error.ValueKind == JsonValueKind.Object)
            {
                using var json = new Utf8JsonWriter(bytes, s_options);
                json.WriteStartObject();
                json.WritePropertyName("error"u8);
                error.WriteTo(json);
                json.WriteString("request_id"u8, requestId);
                json.WriteEndObject();
                json.Flush();
                return bytes.WrittenMemory;
            }
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            // then it is text; or half of a character stands in it
            bytes.Clear();
        }

        var text = Encoding.UTF8.GetString(refusal.Span[..Math.Min(refusal.Length, MaxQuoted)]).Trim();
        return Body(new GatewayError(status, "engine_refused", text.Length > 0 ? text : $"The engine refused the request with status {status} and no words."), requestId);
    }

    /// <summary>What an engine says in its refusal, without the JSON around it.</summary>
    public static string WordsOf(ReadOnlyMemory<byte> refusal, int status)
    {
        try
        {
            using var document = JsonDocument.Parse(refusal);
            foreach (var each in (ReadOnlySpan<JsonElement?>)[document.RootElement.Any("error"), document.RootElement.Any("message"), document.RootElement.Any("detail")])
                if (each is { } words) return LooseText.Words(words);
            return LooseText.Json(document.RootElement);
        }
        catch (JsonException)
        {
            var text = Encoding.UTF8.GetString(refusal.Span[..Math.Min(refusal.Length, MaxQuoted)]).Trim();
            return text.Length > 0 ? text : $"The engine refused the request with status {status} and no words.";
        }
    }

    private static void Write(ArrayBufferWriter<byte> bytes, GatewayError error, string requestId)
    {
        using var json = new Utf8JsonWriter(bytes, s_options);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.Type);
        json.WriteString("param"u8, error.Param);
        json.WriteString("code"u8, error.Code);
        json.WriteEndObject();
        json.WriteString("request_id"u8, requestId);
        json.WriteEndObject();
    }
}
