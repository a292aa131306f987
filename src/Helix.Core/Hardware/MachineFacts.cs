using System.Collections.Immutable;
using Helix.Core.Manifests;

namespace Helix.Core.Hardware;

/// <summary>What a machine offers to an engine that is to be installed, as far as it could be measured.</summary>
/// <param name="Os">linux, macos or windows.</param>
/// <param name="Architecture">x64 or arm64, as .NET names it in small letters.</param>
/// <param name="OsVersion">Of macOS; null elsewhere.</param>
/// <param name="Glibc">Null where there is another C library, or none.</param>
/// <param name="MemoryBytes">That may be used at all.</param>
/// <param name="FreeDiskBytes">Where providers are kept; null if unknown.</param>
/// <param name="Vulkan">A loader and a driver for Vulkan are there.</param>
/// <param name="IsWsl">Linux inside Windows.</param>
internal sealed record MachineFacts(
    string Os,
    string Architecture,
    Version? OsVersion,
    Version? Glibc,
    long MemoryBytes,
    long? FreeDiskBytes,
    ImmutableArray<ComputeGpu> Gpus,
    bool Vulkan,
    bool IsWsl)
{
    /// <summary>The platform as a person says it.</summary>
    public string Platform => $"{NameOf(Os)} on {Architecture}{(IsWsl ? " (WSL)" : "")}";

    public static string NameOf(string os) => os switch
    {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        _ => os,
    };
}

/// <summary>A GPU that engines could compute on.</summary>
/// <param name="MemoryBytes">Its own; null where nobody says, or where it shares the machine's.</param>
/// <param name="ComputeCapability">Of NVIDIA's; null where nobody says.</param>
/// <param name="Driver">Null where nobody says.</param>
internal sealed record ComputeGpu(Accelerator Kind, string Name, long? MemoryBytes, Version? ComputeCapability, Version? Driver);
