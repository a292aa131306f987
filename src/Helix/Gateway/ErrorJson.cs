using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>An error in OpenAI's shape, with the request's id beside it.</summary>
internal static class ErrorJson
{
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
