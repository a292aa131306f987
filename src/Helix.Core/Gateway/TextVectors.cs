using System.Text.Json;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Gateway;

/// <summary>Asks a model for the vectors of texts, in OpenAI's words, and reads what it answers.</summary>
internal static class TextVectors
{
    public static byte[] Ask(string model, string[] texts) => DialectJson.Object(json =>
    {
        json.WriteString("model"u8, model);
        json.WriteStartArray("input"u8);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    });

    /// <param name="count">Of the texts.</param>
    /// <returns>One of length one for each text, in their order; null where that is not what was answered.</returns>
    public static float[][]? Read(ReadOnlyMemory<byte> answer, int count)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            if (document.RootElement.Any("data") is not { ValueKind: JsonValueKind.Array } data || data.GetArrayLength() != count) return null;
            var units = new float[count][];
            var number = 0;
            foreach (var item in data.EnumerateArray())
            {
                // they come in order; who tells a place means that one
                var at = item.Any("index") is { ValueKind: JsonValueKind.Number } index && index.TryGetInt32(out var told) ? told : number;
                number++;
                if (at < 0 || at >= count || units[at] is not null || UnitOf(item) is not { } unit) return null;
                units[at] = unit;
            }

            return units;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static float[]? UnitOf(JsonElement item)
    {
        if (item.Any("embedding") is not { ValueKind: JsonValueKind.Array } vector) return null;
        var numbers = new float[vector.GetArrayLength()];
        var at = 0;
        foreach (var number in vector.EnumerateArray())
            if (number.ValueKind != JsonValueKind.Number || !number.TryGetSingle(out numbers[at++])) return null;
        return UnitVector.Of(numbers);
    }
}
