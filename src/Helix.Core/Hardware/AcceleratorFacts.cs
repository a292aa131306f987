using System.Collections.Immutable;

namespace Helix.Core.Hardware;

/// <summary>What this machine offers an engine beside its processor, as far as files tell.</summary>
/// <param name="Platform">As npm's packages name it, for example <c>linux-x64</c>.</param>
/// <param name="Nvidia">Null where NVIDIA's driver is not loaded.</param>
/// <param name="CudaRuntimes">Releases of CUDA whose libcudart, libcublas and libcublasLt were found.</param>
/// <param name="CudaFolders">Folders of those libraries that the loader does not look into by itself.</param>
/// <param name="VulkanLoader">libvulkan.so.1 was found.</param>
/// <param name="VulkanDevice">There is a device node for rendering, and a driver that serves Vulkan.</param>
/// <param name="Drivers">Names and versions of the drivers: as long as these words are the same, so is what a test found.</param>
internal sealed record AcceleratorFacts(
    string Platform, NvidiaDriver? Nvidia, ImmutableArray<int> CudaRuntimes, ImmutableArray<string> CudaFolders, bool VulkanLoader, bool VulkanDevice, string Drivers);

/// <param name="Card">Name of the first card.</param>
/// <param name="Version">Null if the driver does not say.</param>
internal sealed record NvidiaDriver(string Card, Version? Version)
{
    /// <summary>Reads <c>/proc/driver/nvidia/version</c>: the first word of its first line that is a version.</summary>
    public static Version? VersionIn(string text) =>
        text.Split('\n')[0].Split(' ', '\t').Select(word => word.Contains('.', StringComparison.Ordinal) && Version.TryParse(word, out var version) ? version : null).FirstOrDefault(v => v is not null);
}
