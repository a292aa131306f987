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
        var told = new ArrayBufferWriter<byte>(body.Length + 256);
        using (var writer = new Utf8JsonWriter(told, new() { SkipValidation = true }))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(key);
            writer.WriteStringValue(route.Path);
            writer.WriteStringValue(model);
            Write(writer, document.RootElement, isOutermost: true);
            writer.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(told.WrittenSpan));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, bool isOutermost)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    // null and what is left out mean the same there, and so does a stream that is none
                    if (isOutermost && (s_irrelevant.Contains(member.Name) || member.Value.ValueKind == JsonValueKind.Null || (member.Name == "stream" && member.Value.ValueKind == JsonValueKind.False))) continue;
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, isOutermost: false);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(writer, item, isOutermost: false);
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
