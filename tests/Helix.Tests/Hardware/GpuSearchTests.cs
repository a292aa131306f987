using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Hardware;

namespace Helix.Tests.Hardware;

public sealed class GpuSearchTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("helix-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_empty_machine_has_none() => Assert.Empty(new GpuSearch(_root).Find());

    [Fact]
    public void Each_card_of_nvidias_driver_is_found_with_the_driver()
    {
        Write("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\nGCC version: 12.2.0\n");
        Write("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA GeForce RTX 4090\n");
        Write("proc/driver/nvidia/gpus/0000:02:00.0/information", "Model: \t\t NVIDIA GeForce GTX 1080\n");

        Assert.Equal(
            [
                new ComputeGpu(Accelerator.Nvidia, "NVIDIA GeForce RTX 4090", null, null, new(535, 129, 3)),
                new ComputeGpu(Accelerator.Nvidia, "NVIDIA GeForce GTX 1080", null, null, new(535, 129, 3)),
            ],
            new GpuSearch(_root).Find());
    }

    [Fact]
    public void A_card_of_amd_counts_where_its_driver_for_computing_is()
    {
        Write("sys/class/drm/card1/device/vendor", "0x1002\n");
        Write("sys/class/drm/card1/device/mem_info_vram_total", "17163091968\n");
        Write("sys/class/drm/card0/device/vendor", "0x8086\n");
        Assert.Empty(new GpuSearch(_root).Find());

        Write("dev/kfd", "");

        Assert.Equal([new ComputeGpu(Accelerator.Amd, "the AMD GPU", 17163091968, null, null)], new GpuSearch(_root).Find());
    }

    [Fact]
    public void Inside_windows_the_drivers_library_tells_of_the_card()
    {
        Write("usr/lib/wsl/lib/libcuda.so.1", "");
        Assert.Empty(new GpuSearch(_root).Find());

        Write("proc/sys/kernel/osrelease", "6.6.87.2-microsoft-standard-WSL2\n");

        Assert.True(new GpuSearch(_root).IsWsl);
        Assert.Equal([new ComputeGpu(Accelerator.Nvidia, "the NVIDIA GPU of Windows", null, null, null)], new GpuSearch(_root).Find());
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
