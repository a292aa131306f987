using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Tests.Manifests;

/// <summary>The rows of the table in docs/PROVIDERS.md.</summary>
internal static class RequirementWords
{
    public static string Row(Manifest manifest) =>
        $"| `{manifest.Id}` | {manifest.Name} | {string.Join("; ", manifest.Platforms.Select(Of))} | {manifest.Licence} | {manifest.Tier} |";

    private static string Of(Requirement row) => string.Join(", ",
    [
        $"{MachineFacts.NameOf(row.Os)}{(row.OsVersion is { } system ? $" {Dotted.Words(system)}" : "")} {string.Join('/', row.Architectures)}",
        .. row.Accelerator == Accelerator.None ? Array.Empty<string>() : [row.Accelerator == Accelerator.Amd ? "AMD GPU" : $"{row.Accelerator} GPU".Replace("Nvidia", "NVIDIA", StringComparison.Ordinal)],
        .. Word(row.ComputeCapability is { } capability ? $"capability {Dotted.Words(capability)}" : null),
        .. Word(row.Driver is { } driver ? $"driver {Dotted.Words(driver)}" : null),
        .. Word(row.DeviceMemoryGb is { } device ? $"{device} GB on the GPU" : null),
        .. Word(row.MemoryGb is { } memory ? $"{memory} GB memory" : null),
        .. Word(row.Glibc is { } glibc ? $"glibc {Dotted.Words(glibc)}" : null),
        .. Word(row.DiskGb is { } disk ? $"{disk} GB disk" : null),
    ]);

    private static string[] Word(string? word) => word is null ? [] : [word];
}
