using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Core.Planning;

/// <summary>What one platform of a manifest lacks on a machine of its system and architecture.</summary>
/// <param name="On">What would compute.</param>
/// <param name="Missing">Each begins with "needs" and has the measured number; the most telling first.</param>
/// <param name="Unknown">What nobody could measure: it is not held against the machine.</param>
internal sealed record PlatformFit(Requirement Row, string On, ImmutableArray<string> Missing, ImmutableArray<string> Unknown)
{
    private const double Gigabyte = 1e9;

    /// <summary>There is something of the kind that would compute, though it may not be enough.</summary>
    public bool HasDevice => On.Length > 0;

    public static PlatformFit Of(Requirement row, MachineFacts machine)
    {
        var (on, missing, unknown) = Device(row, machine);
        if (row.OsVersion is { } system && machine.OsVersion is null) unknown = unknown.Add($"whether this is {MachineFacts.NameOf(row.Os)} {Dotted.Words(system)} or newer");
        return new(row, on, [.. missing, .. Machine(row, machine)], unknown);
    }

    /// <summary>An accelerator with its article.</summary>
    public static string NameOf(Accelerator accelerator) => accelerator switch
    {
        Accelerator.Nvidia => "an NVIDIA GPU",
        Accelerator.Amd => "an AMD GPU",
        Accelerator.Apple => "the GPU of an Apple chip",
        Accelerator.Vulkan => "a GPU with Vulkan",
        _ => "the processor",
    };

    private static (string On, ImmutableArray<string> Missing, ImmutableArray<string> Unknown) Device(Requirement row, MachineFacts machine)
    {
        if (row.Accelerator == Accelerator.None) return (NameOf(Accelerator.None), [], []);
        var wanted = NameOf(row.Accelerator) + (row.ComputeCapability is { } least ? $" with compute capability {Dotted.Words(least)} or newer" : "");
        var there = row.Accelerator == Accelerator.Vulkan
            ? machine.Vulkan ? machine.Gpus : []
            : machine.Gpus.RemoveAll(gpu => gpu.Kind != row.Accelerator);
        if (there.IsEmpty) return ("", [$"needs {wanted}; none was found"], []);

        return there.Select(gpu => Gpu(row, gpu, wanted)).OrderBy(fit => fit.Missing.Length).ThenBy(fit => fit.Unknown.Length).First();
    }

    private static (string On, ImmutableArray<string> Missing, ImmutableArray<string> Unknown) Gpu(Requirement row, ComputeGpu gpu, string wanted)
    {
        var (missing, unknown) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<string>());
        if (row.ComputeCapability is { } capability)
        {
            if (gpu.ComputeCapability is null) unknown.Add($"whether {gpu.Name} has compute capability {Dotted.Words(capability)}");
            else if (gpu.ComputeCapability < capability) missing.Add($"needs {wanted}; {gpu.Name} has {Dotted.Words(gpu.ComputeCapability)}");
        }

        if (row.DeviceMemoryGb is { } memory)
        {
            if (gpu.MemoryBytes is null) unknown.Add($"whether {gpu.Name} has {memory} GB of memory");
            else if (gpu.MemoryBytes < memory * Gigabyte) missing.Add($"needs a GPU with {memory} GB of memory; {gpu.Name} has {Gigabytes(gpu.MemoryBytes.Value)}");
        }

        if (row.Driver is { } driver)
        {
            if (gpu.Driver is null) unknown.Add($"whether the driver of {gpu.Name} is {Dotted.Words(driver)} or newer");
            else if (gpu.Driver < driver) missing.Add($"needs driver {Dotted.Words(driver)} or newer for {gpu.Name}; {Dotted.Words(gpu.Driver)} is installed");
        }

        return (gpu.Name, missing.ToImmutable(), unknown.ToImmutable());
    }

    private static IEnumerable<string> Machine(Requirement row, MachineFacts machine)
    {
        if (row.MemoryGb is { } memory && machine.MemoryBytes < memory * Gigabyte) yield return $"needs {memory} GB of memory; this machine has {Gigabytes(machine.MemoryBytes)}";
        if (row.OsVersion is { } system && machine.OsVersion is { } release && release < system)
            yield return $"needs {MachineFacts.NameOf(row.Os)} {Dotted.Words(system)} or newer; this is {Dotted.Words(release)}";
        if (row.Glibc is { } glibc && !(machine.Glibc >= glibc))
            yield return $"needs glibc {Dotted.Words(glibc)} or newer; this system has {(machine.Glibc is { } now ? Dotted.Words(now) : "another C library")}";
        if (row.DiskGb is { } disk && machine.FreeDiskBytes < disk * Gigabyte) yield return $"needs {disk} GB of free disk; {Gigabytes(machine.FreeDiskBytes.Value)} are free";
    }

    private static string Gigabytes(long bytes) => (bytes / Gigabyte).ToString("0.0", CultureInfo.InvariantCulture) + " GB";
}
