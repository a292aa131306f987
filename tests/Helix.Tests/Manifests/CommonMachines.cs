using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Tests.Manifests;

/// <summary>The machines that decisions are shown for, word for word.</summary>
internal static class CommonMachines
{
    private const long Gib = 1L << 30;

    private static readonly MachineFacts s_linux = new("linux", "x64", null, new(2, 39), 0, 200 * Gib, [], false, false);
    private static readonly ComputeGpu s_rtx = new(Accelerator.Nvidia, "NVIDIA GeForce RTX 3090", 24 * Gib, new(8, 6), new(550, 54, 14));
    private static readonly ComputeGpu s_h100 = new(Accelerator.Nvidia, "NVIDIA H100 80GB HBM3", 80 * Gib, new(9, 0), new(580, 65, 6));
    private static readonly ComputeGpu s_apple = new(Accelerator.Apple, "the GPU of this Mac", null, null, null);

    public static (string Name, MachineFacts Facts, int Cores)[] All { get; } =
    [
        ("laptop with 4 GB, Debian 11", s_linux with { Glibc = new(2, 31), MemoryBytes = 38 * Gib / 10, FreeDiskBytes = 6 * Gib }, 4),
        ("laptop with 16 GB", s_linux with { MemoryBytes = 155 * Gib / 10 }, 8),
        ("Apple M3 Pro with 36 GB", new("macos", "arm64", new(15, 5), null, 36 * Gib, 200 * Gib, [s_apple], false, false), 12),
        ("one NVIDIA with 24 GB", s_linux with { MemoryBytes = 62 * Gib, Gpus = [s_rtx], Vulkan = true }, 16),
        ("eight NVIDIA with 80 GB", s_linux with { MemoryBytes = 2000 * Gib, FreeDiskBytes = 4000 * Gib, Gpus = [.. Enumerable.Repeat(s_h100, 8)], Vulkan = true }, 192),
        ("Raspberry Pi 5 with 8 GB", s_linux with { Architecture = "arm64", Glibc = new(2, 36), MemoryBytes = 78 * Gib / 10, FreeDiskBytes = 40 * Gib }, 4),
        ("WSL with an NVIDIA GPU", s_linux with { MemoryBytes = 155 * Gib / 10, IsWsl = true, Gpus = [new(Accelerator.Nvidia, "the NVIDIA GPU of Windows", null, null, null)] }, 8),
    ];

    /// <summary>The same machine as models see it: nine tenths of its memory are available.</summary>
    public static HardwareFacts HardwareOf(MachineFacts facts, int cores) =>
        new(facts.MemoryBytes, facts.MemoryBytes / 10 * 9, cores, facts.FreeDiskBytes, facts.Os == "macos", [.. facts.Gpus.Select(gpu => new GpuFacts(gpu.Name, gpu.MemoryBytes))]);
}
