using System.Collections.Immutable;
using Helix.Core.Install;
using Helix.Core.Manifests;

namespace Helix.Install;

/// <summary>Where a provider stands on its way to this machine.</summary>
/// <param name="Need">What is to be done.</param>
/// <param name="IsWorking">It is being installed at this moment.</param>
/// <param name="Words">What is done, or waited for, or failed; empty where <paramref name="Need"/> says it all.</param>
/// <param name="Failure">Of the last try; null where none failed.</param>
/// <param name="NextTry">Null where none is planned.</param>
internal sealed record ProviderInstall(string Id, InstallNeed Need, bool IsWorking, string Words, InstallProgress? Progress, InstallOutcome.Failed? Failure, DateTimeOffset? NextTry, DateTimeOffset Since)
{
    /// <summary>What it is expected to take, in words; null where nobody knows.</summary>
    public string? Size { get; init; }
}

/// <param name="Installed">What can be started.</param>
internal sealed record InstallState(ImmutableSortedDictionary<string, ProviderInstall> Providers, ImmutableArray<InstalledProvider> Installed)
{
    public static InstallState Empty { get; } = new(ImmutableSortedDictionary.Create<string, ProviderInstall>(StringComparer.Ordinal), []);
}

/// <summary>A provider with the release that is in use.</summary>
internal sealed record InstalledProvider(Manifest Manifest, InstalledRelease Release);
