using System.Runtime.InteropServices;

namespace Helix.Bench.Measuring;

/// <summary>Where the numbers come from.</summary>
internal sealed record Machine(string Cpu, int Cores, double MemoryGigabytes, string System, string Kernel, string Architecture)
{
    public static Machine Here() => new(
        Value("/proc/cpuinfo", "model name"),
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
        Value("/etc/os-release", "PRETTY_NAME").Trim('"'),
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant());

    private static string Value(string file, string key) =>
        File.Exists(file) && File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOfAny([':', '=']) + 1)..].Trim()
            : "unknown";
}
