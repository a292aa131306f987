using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>Under which requests that ask for the same are found: a digest of what matters for the answer, however it is written.</summary>
internal static class AnswerKey
{
    /// <summary>Who asks, and for what; no answer is another for it.</summary>
    private static readonly HashSet<string> s_irrelevant = new(StringComparer.Ordinal)
    {
        "model", "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key",
    };

    /// <param name="key">Name of the key that it came with: nobody gets what another was answered.</param>
    /// <param name="model">That is to answer, whatever name the request gives it.</param>
    /// <param name="body">JSON, looked at before.</param>
    public static string Of(string key, InferenceRoute route, string model, ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body, new() { MaxDepth = BodyPeek.MaxDepth });
        return Digest(key, route, model, document.RootElement, LeftOut.Nothing, body.Length + 256);
    }

    /// <summary>The same of all but what the last message of a chat says.</summary>
    /// <param name="request">With at least one message.</param>
    public static string Around(string key, InferenceRoute route, string model, JsonElement request) => Digest(key, route, model, request, LeftOut.InRequest, room: 1024);

    /// <summary>Which part of a value is not told: its place from the whole request to the content of the last message.</summary>
    private enum LeftOut
    {
        Nothing,
        InRequest,
        InMessages,
        InMessage,
        All,
    }

    /// <param name="room">Bytes that it is likely to take in writing.</param>
    private static string Digest(string key, InferenceRoute route, string model, JsonElement request, LeftOut leftOut, int room)
    {
        var told = new ArrayBufferWriter<byte>(room);
        using (var writer = new Utf8JsonWriter(told, new() { SkipValidation = true }))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(key);
            writer.WriteStringValue(route.Path);
            writer.WriteStringValue(model);
            Write(writer, request, isOutermost: true, leftOut);
            writer.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(told.WrittenSpan));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, bool isOutermost, LeftOut leftOut)
    {
        if (leftOut == LeftOut.All)
        {
            writer.WriteNullValue();
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    // null and what is left out mean the same there, and so does a stream that is none
                    if (isOutermost && (s_irrelevant.Contains(member.Name) || member.Value.ValueKind == JsonValueKind.Null || (member.Name == "stream" && member.Value.ValueKind == JsonValueKind.False))) continue;
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, isOutermost: false, (leftOut, member.Name) switch
                    {
                        (LeftOut.InRequest, "messages") => LeftOut.InMessages,
                        (LeftOut.InMessage, "content") => LeftOut.All,
                        _ => LeftOut.Nothing,
                    });
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                var last = leftOut == LeftOut.InMessages ? value.GetArrayLength() : 0;
                foreach (var item in value.EnumerateArray()) Write(writer, item, isOutermost: false, --last == 0 ? LeftOut.InMessage : LeftOut.Nothing);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(value.GetString());
                break;
            default:
                writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
                break;
        }
    }
}
