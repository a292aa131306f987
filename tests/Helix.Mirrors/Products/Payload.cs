using Helix.Mirrors.Git;
using Helix.Mirrors.Npm;
using Helix.Mirrors.Oci;
using Helix.Mirrors.Python;

namespace Helix.Mirrors.Products;

/// <summary>All that one version of one provider is installed from.</summary>
/// <param name="Version">What the stand-in inside says of itself.</param>
internal sealed record Payload(string Provider, string Version)
{
    /// <summary>Files by their path on the mirror.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; init; } = new Dictionary<string, byte[]>();

    public IReadOnlyList<Wheel> Wheels { get; init; } = [];

    public IReadOnlyList<NpmPackage> Packages { get; init; } = [];

    public IReadOnlyList<GitTree> Trees { get; init; } = [];

    public IReadOnlyList<OciImage> Images { get; init; } = [];
}
