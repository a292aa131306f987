using System.Text.Json;

namespace Helix.Core.Models;

/// <summary>What Ollama notes of a model: of which blobs it consists.</summary>
internal abstract record OllamaManifest
{
    private const string WeightsType = "application/vnd.ollama.image.model";
    private const string TensorType = "application/vnd.ollama.image.tensor";

    private OllamaManifest() { }

    /// <summary>One GGUF file.</summary>
    internal sealed record Weights(string Sha256, long Bytes) : OllamaManifest;

    internal sealed record Unusable(string Reason) : OllamaManifest;

    public static OllamaManifest Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("layers", out var layers) || layers.ValueKind != JsonValueKind.Array)
                return new Unusable("its manifest names no layers");
            var of = layers.EnumerateArray().Where(layer => layer.ValueKind == JsonValueKind.Object).ToLookup(layer => TextOf(layer, "mediaType") ?? "");
            if (of.Any(group => group.Key.StartsWith(TensorType, StringComparison.Ordinal))) return new Unusable("it is kept as single tensors, which only Ollama reads");
            var weights = of[WeightsType].ToArray();
            if (weights.Length == 0) return new Unusable("it has no weights on this machine");
            if (weights.Length > 1) return new Unusable($"its weights are {weights.Length} files without their own names");
            return TextOf(weights[0], "digest") is { } digest && digest.StartsWith("sha256:", StringComparison.Ordinal) && ModelSource.IsDigest(digest[7..])
                && weights[0].TryGetProperty("size", out var size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out var bytes) && bytes > 0
                ? new Weights(digest[7..], bytes)
                : new Unusable("its manifest does not say digest and size of its weights");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return new Unusable($"its manifest is broken: {broken.Message}");
        }
    }

    /// <summary>The name as Ollama shows it, from the manifest's place: host, namespace, model, tag.</summary>
    public static string NameOf(string host, string space, string model, string tag)
    {
        var place = (host, space) switch
        {
            ("registry.ollama.ai", "library") => "",
            ("registry.ollama.ai", _) => $"{space}/",
            _ => $"{host}/{space}/",
        };
        return tag == "latest" ? $"{place}{model}" : $"{place}{model}:{tag}";
    }

    private static string? TextOf(JsonElement layer, string key) => layer.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
