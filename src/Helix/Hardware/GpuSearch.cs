using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Hardware;

/// <summary>Looks for GPUs in what Linux tells in files. Nothing is loaded and no program is asked.</summary>
/// <param name="root">Of the file system; another one in tests.</param>
internal sealed class GpuSearch(string root)
{
    private const string Amd = "0x1002";

    public ImmutableArray<ComputeGpu> Find() => [.. Nvidia(), .. AmdGpus()];

    /// <summary>This is Linux inside Windows.</summary>
    public bool IsWsl => Text("proc/sys/kernel/osrelease").Contains("microsoft", StringComparison.OrdinalIgnoreCase);

    private ImmutableArray<ComputeGpu> Nvidia()
    {
        var driver = Text("proc/driver/nvidia/version").Split('\n')[0].Split(' ', '\t')
            .Where(word => word.Contains('.', StringComparison.Ordinal)).Select(Dotted.Parse).FirstOrDefault(version => version is not null);
        var found = HardwareProbe.Gpus(At("proc/driver/nvidia/gpus")).Select(gpu => new ComputeGpu(Accelerator.Nvidia, gpu.Name, gpu.MemoryBytes, null, driver)).ToImmutableArray();
        if (!found.IsEmpty) return found;

        // inside Windows the driver is Windows's own, and shows itself by its library alone
        return IsWsl && File.Exists(At("usr/lib/wsl/lib/libcuda.so.1")) ? [new ComputeGpu(Accelerator.Nvidia, "the NVIDIA GPU of Windows", null, null, null)] : [];
    }

    /// <summary>What AMD's GPUs do at this moment.</summary>
    public ImmutableArray<GpuLoad> AmdLoads() =>
        [.. AmdDevices().Select(device => new GpuLoad(AmdName(device), Number(device, "mem_info_vram_total"), Number(device, "mem_info_vram_used"), Number(device, "gpu_busy_percent") / 100.0, null, null))];

    private IEnumerable<ComputeGpu> AmdGpus() => AmdDevices().Select(device => new ComputeGpu(Accelerator.Amd, AmdName(device), Number(device, "mem_info_vram_total"), null, null));

    /// <summary>Folders of AMD's cards, where the driver for computing is there too.</summary>
    private IEnumerable<string> AmdDevices()
    {
        if (!File.Exists(At("dev/kfd")) || !Directory.Exists(At("sys/class/drm"))) yield break;
        foreach (var card in Directory.EnumerateFileSystemEntries(At("sys/class/drm"), "card*").Order(StringComparer.Ordinal))
        {
            var device = Path.Combine("sys/class/drm", Path.GetFileName(card), "device");
            if (Text(Path.Combine(device, "vendor")).Trim() == Amd) yield return device;
        }
    }

    private string AmdName(string device) => Text(Path.Combine(device, "product_name")).Trim() is { Length: > 0 } name ? name : "the AMD GPU";

    private long? Number(string device, string file) => long.TryParse(Text(Path.Combine(device, file)).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string At(string path) => Path.Combine(root, path);

    private string Text(string path)
    {
        try
        {
            return File.Exists(At(path)) ? File.ReadAllText(At(path)) : "";
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
