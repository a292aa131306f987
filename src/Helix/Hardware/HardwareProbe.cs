using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Helix.Core.Hardware;
using Helix.Install;

namespace Helix.Hardware;

/// <summary>Measures what this machine has. What cannot be measured is left open, never guessed.</summary>
internal static class HardwareProbe
{
    private const string NvidiaGpus = "/proc/driver/nvidia/gpus";

    /// <param name="modelsFolder">Where models are kept; the disk under it is measured.</param>
    public static HardwareFacts Measure(string modelsFolder)
    {
        var memory = OperatingSystem.IsMacOS() ? new MemoryFacts(MacMemory.Total(), null) : LinuxMemory.Read("/");

        // Metal on Apple's own chips uses the machine's memory; nothing else is built in
        var accelerated = OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        return new HardwareFacts(memory.Total, memory.Available, Environment.ProcessorCount, FreeSpace.At(Nearest(modelsFolder)), accelerated, Gpus(NvidiaGpus));
    }

    /// <summary>What NVIDIA's driver tells of its devices: one folder each, with a file of <c>Model: NVIDIA …</c> lines.</summary>
    internal static ImmutableArray<GpuFacts> Gpus(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        return
        [
            .. from device in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
               let information = Path.Combine(device, "information")
               where File.Exists(information)
               select new GpuFacts(ModelIn(File.ReadLines(information)), null),
        ];
    }

    private static string ModelIn(IEnumerable<string> lines) =>
        lines.FirstOrDefault(line => line.StartsWith("Model:", StringComparison.Ordinal)) is { } line ? line["Model:".Length..].Trim() : "NVIDIA GPU";

    /// <summary>The folder itself, or what there is of the way to it.</summary>
    private static string Nearest(string folder)
    {
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent) folder = parent;
        return folder;
    }
}
