using System.Runtime.InteropServices;
using System.Text.Json;

namespace Helix.EngineHost;

/// <summary>Answer of <c>POST /v1/embeddings</c>.</summary>
internal static class EmbeddingReply
{
    public static Task WriteAsync(HttpContext http, ServedEngine engine, EmbeddingRequest request, float[][] vectors) =>
        Reply.JsonAsync(http, StatusCodes.Status200OK, json => Write(json, engine, request, vectors));

    private static void Write(Utf8JsonWriter json, ServedEngine engine, EmbeddingRequest request, float[][] vectors)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        for (var i = 0; i < vectors.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("object", "embedding");
            json.WriteNumber("index", i);
            WriteVector(json, vectors[i], request.AsBase64);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("model", engine.Alias);
        var tokens = request.Texts.Sum(text => text.Length);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", tokens);
        json.WriteNumber("total_tokens", tokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>In base64 the numbers are 32-bit floats, little-endian, as every supported processor has them.</summary>
    private static void WriteVector(Utf8JsonWriter json, float[] vector, bool asBase64)
    {
        if (asBase64)
        {
            json.WriteBase64String("embedding", MemoryMarshal.AsBytes<float>(vector));
            return;
        }

        json.WriteStartArray("embedding");
        foreach (var value in vector)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
