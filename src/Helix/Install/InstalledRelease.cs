using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Helix.Core.Manifests;
using Helix.Core.Updates;

namespace Helix.Install;

/// <summary>A release on disk. It was written whole before it got its place, and is never changed.</summary>
/// <param name="Version">As the manifest or the user named it.</param>
/// <param name="Folder">Its path.</param>
/// <param name="On">What it computes on.</param>
/// <param name="Tools">Paths of the programs that it is started with: node, python.</param>
/// <param name="Digests">Of everything that it was made of.</param>
/// <param name="Tested">What was tried before it got its place, in words.</param>
internal sealed record InstalledRelease(
    string Provider, string Version, [property: JsonIgnore] string Folder, Accelerator On, InstallKind Kind, DateTimeOffset Installed, long Bytes,
    ImmutableSortedDictionary<string, string> Tools, ImmutableArray<FetchedDigest> Digests, string Tested);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(InstalledRelease))]
[JsonSerializable(typeof(ProviderWords))]
internal sealed partial class ReleaseJson : JsonSerializerContext;

/// <summary>What the user said of a provider's releases, and what is remembered about them.</summary>
/// <param name="Removed">Not to be installed by itself again.</param>
/// <param name="Pinned">The version that is wanted; null for the manifest's.</param>
/// <param name="Accepted">Address of the terms that were accepted.</param>
internal sealed record ProviderWords(bool Removed = false, string? Pinned = null, string? Accepted = null, DateTimeOffset? AcceptedAt = null)
{
    /// <summary>A version that was asked for and is not there yet; empty for the manifest's, null for none.</summary>
    public string? Wished { get; init; }

    /// <summary>The version that an update went to, or back to; null for the manifest's.</summary>
    public string? Chosen { get; init; }

    public DateTimeOffset? ChosenAt { get; init; }

    /// <summary>The manifest's version when an update went beyond it: names that are no numbers do not tell.</summary>
    public string? Beyond { get; init; }

    /// <summary>Versions that were tried here, and were no good.</summary>
    public IReadOnlyList<string>? Refused { get; init; }

    /// <summary>The version that an update tried in vain, and is to try again; null for none.</summary>
    public FailedTry? Failed { get; init; }
}
