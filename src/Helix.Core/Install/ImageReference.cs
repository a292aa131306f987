using System.Text.RegularExpressions;

namespace Helix.Core.Install;

/// <summary>Which image of which registry: <c>registry.example/owner/name:tag</c>, or <c>…@sha256:…</c>.</summary>
/// <param name="Version">A tag, or a digest with its <c>sha256:</c>.</param>
internal sealed partial record ImageReference(string Host, string Repository, string Version)
{
    public bool IsDigest => Version.StartsWith("sha256:", StringComparison.Ordinal);

    public Uri Manifest => ManifestOf(Version);

    public Uri ManifestOf(string version) => new($"https://{Server}/v2/{Repository}/manifests/{version}");

    public Uri Blob(string digest) => new($"https://{Server}/v2/{Repository}/blobs/{digest}");

    // the name that everybody writes is not the name of the server
    private string Server => Host == "docker.io" ? "registry-1.docker.io" : Host;

    /// <summary>Null where the text names no registry, no image or no version.</summary>
    public static ImageReference? Parse(string text) =>
        Parts().Match(text) is { Success: true } match ? new(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Success ? match.Groups[3].Value : match.Groups[4].Value) : null;

    [GeneratedRegex(@"^([a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+(?::[0-9]{1,5})?|localhost:[0-9]{1,5})/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?:@(sha256:[0-9a-f]{64})|:([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))$")]
    private static partial Regex Parts();
}
