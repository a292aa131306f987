using System.Collections.Immutable;
using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Core.Models;

namespace Helix.Core.Planning;

/// <summary>Which model helix fetches by itself on this hardware.</summary>
internal abstract record ModelChoice
{
    private ModelChoice() { }

    /// <param name="Reason">Why this one, in words.</param>
    internal sealed record Picked(CatalogEntry Entry, string Reason) : ModelChoice;

    internal sealed record None(string Reason, string Remedy) : ModelChoice;

    private const long Gib = 1L << 30;

    /// <summary>Left free on the disk beside the file.</summary>
    private const long DiskReserve = 2 * Gib;

    /// <summary>On a CPU more than this many billion active parameters answer slower than people read.</summary>
    private const double MaxActiveOnCpu = 4;

    /// <summary>Bytes that a model may use: what is available now, and never the quarter (at least 2 GiB) that belongs to everything else.</summary>
    public static long Budget(HardwareFacts hardware)
    {
        var reserve = Math.Max(2 * Gib, hardware.TotalMemory / 4);
        return Math.Max(0, Math.Min(hardware.AvailableMemory ?? long.MaxValue, hardware.TotalMemory - reserve));
    }

    /// <summary>An engine's own buffers on a GPU.</summary>
    private const long DeviceReserve = 800_000_000;

    /// <summary>GPUs on which some engine computes any model of the catalogue.</summary>
    public static ImmutableArray<PlannedDevice> DevicesOf(MachineFacts machine) =>
        [.. PlannedDevice.Of(machine).Where(device => device.Kind == Accelerator.Nvidia || machine.Vulkan)];

    /// <param name="devices">With memory of their own.</param>
    public static ModelChoice For(HardwareFacts hardware, ModelCatalog catalog, ImmutableArray<PlannedDevice> devices)
    {
        var budget = Budget(hardware);
        // equal ones share the layers of a model
        var gpus = devices.GroupBy(device => (device.Kind, device.Name, device.MemoryBytes))
            .Select(group => (Devices: group.ToImmutableArray(), Bytes: group.Sum(device => Math.Max(0, device.UsableBytes - DeviceReserve))))
            .OrderByDescending(group => group.Bytes).FirstOrDefault();
        var active = hardware.Accelerated ? double.MaxValue : Math.Min(MaxActiveOnCpu, hardware.LogicalCores);
        var candidates = catalog.Entries.Where(entry => entry.Role == "chat" && entry.ChooseFromGib is not null).ToArray();
        var fitting = candidates.Where(entry => OnGpus(entry) || (entry.Active <= active && entry.ChooseFromGib * Gib <= budget && entry.NeedBytes <= budget)).ToArray();
        if (fitting.Length == 0)
        {
            return new None(
                $"no model of the catalogue fits: {Room(budget)} ({ByteCount.Words(hardware.TotalMemory)} in all)",
                "Free some memory, or add a smaller model with `helix models add FILE`.");
        }

        var where = !devices.IsEmpty ? $"with what fits of it on {PlannedDevice.Words(gpus.Devices)} and the rest on the processor" : hardware.Accelerated ? "on the GPU" : $"on a CPU with {hardware.LogicalCores} {(hardware.LogicalCores == 1 ? "core" : "cores")}";
        foreach (var entry in fitting)
        {
            if (hardware.FreeDisk is not { } free || free >= entry.Bytes + DiskReserve)
            {
                return new Picked(
                    entry,
                    $"{entry.Id} needs {ByteCount.Words(entry.NeedBytes)}; "
                    + (OnGpus(entry) ? $"{ByteCount.Words(gpus.Bytes)} may be used of {PlannedDevice.Words(gpus.Devices)}, and it answers fast there" : $"{Room(budget)}, and it answers at a usable speed {where}"));
            }
        }

        return new None(
            $"there is not enough free disk: {ByteCount.Words(hardware.FreeDisk ?? 0)} are free and the smallest model that fits needs {ByteCount.Words(fitting.Min(entry => entry.Bytes) + DiskReserve)}",
            "Free some disk space, or set HELIX_HOME to a larger disk.");

        // what is free now may be less than what models may have when nothing else runs
        string Room(long bytes) => bytes == hardware.AvailableMemory ? $"{ByteCount.Words(bytes)} of memory are free now" : $"{ByteCount.Words(bytes)} of memory may be used";

        bool OnGpus(CatalogEntry entry) => entry.NeedBytes <= gpus.Bytes;
    }

}
