using System.Text.Json;
using Helix.Core.Models;

namespace Helix.Core.Install;

/// <summary>What GitHub says of the files of a release.</summary>
internal static class GitHubRelease
{
    /// <summary>Where the digests of a download are told; null where it is no file of a release on GitHub.</summary>
    public static Uri? ApiFor(Uri download) =>
        download is { Scheme: "https", Host: "github.com", Segments: ["/", var owner, var repository, "releases/", "download/", var tag, _] }
            ? new Uri($"https://api.github.com/repos/{owner}{repository}releases/tags/{tag.TrimEnd('/')}")
            : null;

    /// <summary>SHA-256 of a file, in lower-case hexadecimal; null where it is not told.</summary>
    public static string? DigestOf(ReadOnlyMemory<byte> answer, string name)
    {
        const string Mark = "sha256:";
        try
        {
            using var document = JsonDocument.Parse(answer);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("assets", out var assets) || assets.ValueKind != JsonValueKind.Array) return null;
            var digest = assets.EnumerateArray().Where(asset => Text(asset, "name") == name).Select(asset => Text(asset, "digest")).FirstOrDefault();
            return digest?.StartsWith(Mark, StringComparison.Ordinal) == true && ModelSource.IsDigest(digest[Mark.Length..]) ? digest[Mark.Length..] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement asset, string name) =>
        asset.ValueKind == JsonValueKind.Object && asset.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
