using System.Collections.Immutable;
using System.Text.Json;
using Helix.Core.Models;

namespace Helix.Core.Install;

/// <summary>What a registry says of an image.</summary>
internal abstract record ImageManifest
{
    private const string Digest = "sha256:";

    private ImageManifest() { }

    /// <summary>One image for each platform.</summary>
    internal sealed record Index(ImmutableArray<PlatformImage> Images) : ImageManifest
    {
        /// <summary>The one for a platform as OCI names it; null where there is none.</summary>
        public PlatformImage? For(string os, string architecture) => Images.FirstOrDefault(image => image.Os == os && image.Architecture == architecture);
    }

    /// <param name="Layers">From the lowest to the highest.</param>
    internal sealed record Image(ImmutableArray<ImageLayer> Layers) : ImageManifest;

    /// <summary>Null where the text is neither.</summary>
    public static ImageManifest? Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.TryGetProperty("manifests", out var manifests))
                return new Index([.. manifests.EnumerateArray().Where(each => each.TryGetProperty("platform", out _)).Select(each => new PlatformImage(each.GetProperty("platform").GetProperty("os").GetString()!, each.GetProperty("platform").GetProperty("architecture").GetString()!, DigestOf(each)))]);
            return root.TryGetProperty("layers", out var layers) ? new Image([.. layers.EnumerateArray().Select(layer => new ImageLayer(DigestOf(layer), layer.GetProperty("size").GetInt64(), layer.GetProperty("mediaType").GetString()!))]) : null;
        }
        catch (Exception odd) when (odd is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static string DigestOf(JsonElement entry) =>
        entry.GetProperty("digest").GetString() is { } text && text.StartsWith(Digest, StringComparison.Ordinal) && ModelSource.IsDigest(text[Digest.Length..]) ? text : throw new FormatException("no digest of sha256");
}

/// <param name="Digest">With its <c>sha256:</c>, as that of a layer.</param>
internal sealed record PlatformImage(string Os, string Architecture, string Digest);

internal sealed record ImageLayer(string Digest, long Bytes, string MediaType)
{
    public string Sha256 => Digest["sha256:".Length..];
}
