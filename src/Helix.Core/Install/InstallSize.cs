using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Core.Models;

namespace Helix.Core.Install;

/// <summary>What an installation is expected to take. Null stands for what nobody says.</summary>
/// <param name="Download">Bytes to be fetched; they stay in the folder of downloads.</param>
/// <param name="Disk">Bytes of the release.</param>
internal sealed record InstallSize(long? Download, long? Disk)
{
    private const long Gigabyte = 1_000_000_000;

    /// <summary>What is on disk afterwards; null where nothing is known.</summary>
    public long? Total => (Disk ?? Download) + (Download ?? 0);

    /// <summary>For a user; null where nothing is known.</summary>
    public string? Words => this switch
    {
        { Download: { } download, Disk: { } disk } => $"about {ByteCount.Words(download)} to download, {ByteCount.Words(disk)} on disk",
        { Download: { } download } => $"about {ByteCount.Words(download)} to download, and at least as much on disk",
        { Disk: { } disk } => $"about {ByteCount.Words(disk)} on disk",
        _ => null,
    };

    /// <summary>Of the best way: what it says itself, or else what the platform needs by the manifest.</summary>
    public static InstallSize Of(Manifest manifest, MachineFacts machine, InstallNeed.Needed need)
    {
        var choice = InstallChoice.Of(manifest with { Install = need.Ways }, machine, need.On).FirstOrDefault();
        var row = manifest.Platforms.FirstOrDefault(row => row.Os == machine.Os && row.Architectures.Contains(machine.Architecture) && row.Accelerator == need.On);
        return new(choice?.Asset?.Bytes, choice?.Way.Bytes ?? row?.DiskGb * Gigabyte);
    }
}
