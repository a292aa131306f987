using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Manifests;

namespace Helix.Core.Install;

/// <summary>A program that installations call, and that helix can fetch for itself.</summary>
/// <param name="Way">An archive with a file of digests beside it.</param>
/// <param name="Programs">Paths in the unpacked archive; those of other systems are not there.</param>
internal sealed record Toolchain(string Id, string Name, string Licence, string Home, InstallWay Way, ImmutableArray<string> Programs)
{
    public string Version => Way.Version!;

    /// <param name="values">A document that helix comes with, in the shape of the others.</param>
    public static Toolchain Of(JsonObject values) => new(
        ManifestReading.Text(values["id"]), ManifestReading.Text(values["name"]), ManifestReading.Text(values["licence"]), ManifestReading.Text(values["home"]),
        InstallReading.Way(values), ManifestReading.Lines(values["programs"]));

    /// <summary>The file for a machine; null where there is none.</summary>
    public Asset? AssetFor(string os, string architecture) => Way.Assets.FirstOrDefault(asset => asset.Os == os && asset.Architectures.Contains(architecture));
}
