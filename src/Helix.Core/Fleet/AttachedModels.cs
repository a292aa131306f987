using System.Collections.Immutable;
using System.Text.Json;

namespace Helix.Core.Fleet;

/// <summary>Reads the list of models of an engine that somebody else runs.</summary>
internal static class AttachedModels
{
    /// <summary>What comes after so many is left out.</summary>
    public const int Most = 500;

    private const int LongestId = 200;

    /// <summary>Words in names that say what a model is made for; what comes first goes before.</summary>
    private static readonly (string Word, ModelAbilities For)[] s_words =
    [
        ("rerank", ModelAbilities.Rerank),
        ("embed", ModelAbilities.Embeddings),
        ("whisper", ModelAbilities.Transcription | ModelAbilities.Translation),
        ("moderation", ModelAbilities.Moderation),
        ("stable-diffusion", Pictures), ("stablediffusion", Pictures), ("sdxl", Pictures), ("dall-e", Pictures), ("gpt-image", Pictures), ("qwen-image", Pictures), ("z-image", Pictures),
        ("kokoro", ModelAbilities.Speech), ("tts-", ModelAbilities.Speech), ("-tts", ModelAbilities.Speech),
    ];

    private const ModelAbilities Pictures = ModelAbilities.Images | ModelAbilities.ImageEdits | ModelAbilities.ImageVariations;

    /// <returns>Null if the answer is no such list.</returns>
    /// <param name="abilities">Of the product; lists do not tell what a model can be asked for.</param>
    public static ImmutableArray<AttachedModel>? Of(Heard said, ModelAbilities abilities)
    {
        if (!said.IsOk) return null;
        try
        {
            using var body = JsonDocument.Parse(said.Text);
            if (body.RootElement.ValueKind != JsonValueKind.Object || !body.RootElement.TryGetProperty("data", out var data)) return null;
            // Ollama writes null where it has none
            if (data.ValueKind == JsonValueKind.Null) return [];
            if (data.ValueKind != JsonValueKind.Array) return null;
            return [.. data.EnumerateArray().Select(card => Read(card, abilities)).OfType<AttachedModel>().DistinctBy(model => model.Id).Take(Most)];
        }
        // a name with half of a character is an invalid operation
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static AttachedModel? Read(JsonElement card, ModelAbilities abilities)
    {
        if (card.ValueKind != JsonValueKind.Object || !card.TryGetProperty("id", out var field) || field.ValueKind != JsonValueKind.String) return null;
        var id = field.GetString()!;
        // TextGen lists "None" while nothing is loaded; what auto means, helix decides
        if (id is "" or "None" or "auto" || id.Length > LongestId || id.Any(char.IsControl)) return null;
        return new(id, AbilitiesOf(id, abilities), ContextOf(card));
    }

    /// <summary>By its name, where that says what it is made for: to chat with what makes vectors, or pictures, would only fail.</summary>
    private static ModelAbilities AbilitiesOf(string id, ModelAbilities abilities)
    {
        foreach (var (word, made) in s_words)
            if ((abilities & made) != ModelAbilities.None && id.Contains(word, StringComparison.OrdinalIgnoreCase))
                return abilities & made;
        return abilities;
    }

    private static int ContextOf(JsonElement card) => card.TryGetProperty("max_model_len", out var length) || (card.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("n_ctx", out length))
        ? length.ValueKind == JsonValueKind.Number && length.TryGetInt32(out var tokens) && tokens > 0 ? tokens : 0
        : 0;
}
