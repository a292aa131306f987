using System.Collections.Immutable;
using System.Globalization;

namespace Helix.Core.Install;

/// <summary>What can go, by what it is.</summary>
internal enum CleanupKind
{
    Release,
    Staging,
    Download,
    Part,
    Build,
    Checkout,
    PackageCache,
    Log,
    Temporary,
    Weights,
    Toolchain,
}

/// <summary>A file or a folder that helix made.</summary>
/// <param name="Bytes">Of all that is in it.</param>
/// <param name="Written">Last, as the disk says.</param>
internal sealed record DiskItem(string Path, long Bytes, DateTimeOffset Written);

/// <param name="IsLinked">It is in use, or the one to go back to.</param>
/// <param name="IsRun">A process runs from it.</param>
internal sealed record DiskRelease(string Version, DiskItem Item, bool IsLinked, bool IsRun);

/// <param name="IsWanted">It is to be installed: now, or when the next try is due.</param>
/// <param name="IsWorkedOn">It is being installed at this moment.</param>
/// <param name="IsAlive">A process of it runs.</param>
/// <param name="Staging">What lies where releases are made.</param>
/// <param name="Temporary">What lies in its folder for temporary files.</param>
internal sealed record DiskProvider(
    string Id, bool IsWanted, bool IsWorkedOn, bool IsAlive, ImmutableArray<DiskRelease> Releases, ImmutableArray<DiskItem> Staging, ImmutableArray<DiskItem> Temporary);

/// <summary>Something in the folder of downloads.</summary>
/// <param name="Key">By which it may be needed: see <see cref="CleanupListing.Needed"/>.</param>
/// <param name="Owner">The provider for which it was made; null where it is shared.</param>
internal sealed record DiskCache(CleanupKind Kind, DiskItem Item, string Key, string? Owner = null);

/// <param name="Owner">The provider, or helix.</param>
internal sealed record DiskLog(string Owner, DiskItem Item);

/// <summary>What helix has on disk, as far as it may go.</summary>
/// <param name="Needed">Keys of downloads that the installed versions, and those that are being installed, are made of.</param>
/// <param name="LogOwners">Whose logs stay.</param>
/// <param name="Weights">In the library's own folders, and named by none of its models.</param>
internal sealed record CleanupListing(
    DateTimeOffset Now, ImmutableArray<DiskProvider> Providers, ImmutableArray<DiskCache> Cached, ImmutableHashSet<string> Needed,
    ImmutableArray<DiskLog> Logs, ImmutableHashSet<string> LogOwners, ImmutableArray<DiskItem> Weights);

/// <summary>One thing that goes.</summary>
/// <param name="What">What it is and why it can go, in words.</param>
/// <param name="Owner">The provider whose it is; null where it is shared.</param>
internal sealed record CleanupItem(CleanupKind Kind, string What, DiskItem Item, string? Owner = null);

/// <summary>Chooses what can go: never a model that has a name, nothing that runs or is being made, and nothing that a rollback needs.</summary>
internal static class Cleanup
{
    /// <summary>A half download that was written to later than this ago may go on.</summary>
    public static readonly TimeSpan PartsKept = TimeSpan.FromDays(1);

    private static readonly string[] s_rotated = [".1", ".2"];

    public static ImmutableArray<CleanupItem> Of(CleanupListing listing)
    {
        return
        [
            .. listing.Providers.SelectMany(OfProvider),
            .. listing.Cached.Select(cached => OfCache(cached, listing)).OfType<CleanupItem>(),
            .. listing.Logs.Select(log => OfLog(log, listing.LogOwners)).OfType<CleanupItem>(),
            .. listing.Weights.Select(item => new CleanupItem(CleanupKind.Weights, $"weights that no model names; to keep them: helix models add {item.Path} --name NAME --move", item)),
        ];
    }

    private static IEnumerable<CleanupItem> OfProvider(DiskProvider provider)
    {
        foreach (var release in provider.Releases.Where(release => release is { IsLinked: false, IsRun: false }))
            yield return new(CleanupKind.Release, $"{provider.Id} {release.Version}, neither in use nor the one before", release.Item, provider.Id);
        if (provider.IsWorkedOn) yield break;
        foreach (var item in provider.Staging) yield return new(CleanupKind.Staging, $"{provider.Id}: left from an installation that was broken off", item, provider.Id);
        if (provider.IsAlive) yield break;
        foreach (var item in provider.Temporary) yield return new(CleanupKind.Temporary, $"{provider.Id}: temporary, and nothing of it runs", item, provider.Id);
    }

    private static CleanupItem? OfCache(DiskCache cached, CleanupListing listing)
    {
        return cached.Kind switch
        {
            // a bundle may be at work in it
            CleanupKind.Build when cached.Key.Length == 0 => listing.Now - cached.Item.Written > PartsKept ? Item("left from a cleanup or a bundle that was broken off") : null,
            CleanupKind.Part => listing.Now - cached.Item.Written > PartsKept
                ? Item(string.Create(CultureInfo.InvariantCulture, $"half a download, not continued since {cached.Item.Written:yyyy-MM-dd}"))
                : null,
            // a build goes on where it was broken off, and does so by itself
            CleanupKind.Build => cached.Owner is { } owner && listing.Providers.Any(provider => provider.Id == owner && provider.IsWanted) ? null : Item($"{cached.Owner ?? cached.Key}: work of a build that did not end"),
            CleanupKind.Toolchain => listing.Needed.Contains(cached.Key) || listing.Providers.Any(provider => provider.IsWorkedOn) ? null : Item($"{cached.Key}, which nothing that is installed needs"),
            CleanupKind.PackageCache => listing.Providers.Any(provider => provider.IsWorkedOn) ? null : Item($"what {cached.Key} keeps for helix"),
            _ => listing.Needed.Contains(cached.Key) ? null : Item("of no version that is installed"),
        };

        CleanupItem Item(string what) => new(cached.Kind, what, cached.Item, cached.Owner);
    }

    private static CleanupItem? OfLog(DiskLog log, ImmutableHashSet<string> owners) =>
        !owners.Contains(log.Owner) ? new(CleanupKind.Log, $"log of {log.Owner}, which is gone", log.Item)
        : s_rotated.Any(end => log.Item.Path.EndsWith(end, StringComparison.Ordinal)) ? new(CleanupKind.Log, $"older log of {log.Owner}", log.Item)
        : null;
}
