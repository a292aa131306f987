using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts embeddings in OpenAI's words into Ollama's.</summary>
/// <param name="isOne">For the older <c>/api/embeddings</c>, which takes one text.</param>
internal sealed class OllamaEmbeddings(OllamaFrame frame, bool isOne) : WholeTranslation
{
    protected override ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> answer)
    {
        if (Read(answer) is null) return default;
        using var document = JsonDocument.Parse(answer);
        JsonElement[] vectors = document.RootElement.Any("data") is { ValueKind: JsonValueKind.Array } data ? [.. data.EnumerateArray().Select(each => each.Any("embedding")).OfType<JsonElement>()] : [];
        if (vectors.Length == 0)
        {
            Failure = "The engine's answer holds no embedding.";
            return default;
        }

        return DialectJson.Object(json =>
        {
            if (isOne)
            {
                json.WritePropertyName("embedding"u8);
                vectors[0].WriteTo(json);
                return;
            }

            json.WriteString("model"u8, frame.Model);
            json.WriteStartArray("embeddings"u8);
            foreach (var vector in vectors) vector.WriteTo(json);
            json.WriteEndArray();
            var (sent, _, now) = frame.Times();
            json.WriteNumber("total_duration"u8, OllamaFrame.Nanoseconds(now));
            json.WriteNumber("load_duration"u8, OllamaFrame.Nanoseconds(sent));
            json.WriteNumber("prompt_eval_count"u8, TokenUsage.In(answer.Span)?.Prompt ?? 0);
        });
    }
}
