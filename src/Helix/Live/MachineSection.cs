using Helix.Contracts;
using Helix.Core.Automation;
using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Live;
using Helix.Fleet;
using Helix.Hardware;
using Helix.Install;

namespace Helix.Live;

/// <summary>How the machine is looked at.</summary>
/// <param name="Folder">Of helix's home: the disk under it is measured.</param>
/// <param name="BudgetBytes">Of memory, that engines may take together.</param>
/// <param name="Dashboards">That are open.</param>
internal sealed record MachineTools(string Folder, long BudgetBytes, GpuWatch Gpus, Func<HelixConfig> Config, Func<int> Dashboards);

/// <summary>Processors, memory, disk and GPUs of this machine, what engines take of its memory, and what the daemon itself takes.</summary>
internal sealed class MachineSection(MachineTools tools, IFleetView fleet, TimeProvider time) : ILiveSection
{
    /// <summary>What takes a moment, or changes slowly, is looked at so often.</summary>
    private static readonly TimeSpan s_slowly = TimeSpan.FromSeconds(10);

    private readonly GrowthRate _own = new(time);
    private ProcessorTime? _before;
    private LiveDisk? _disk;
    private long? _lookedAt;

    public string Name => "machine";

    public int Every => 1;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        if (_lookedAt is not { } at || time.GetElapsedTime(at) >= s_slowly)
        {
            _lookedAt = time.GetTimestamp();
            _disk = Disk();
        }

        // the answer of a moment ago stands until there is another
        var gpus = tools.Gpus.Newest(s_slowly, cancellationToken).Loads;
        var memory = OperatingSystem.IsMacOS() ? new MemoryFacts(MacMemory.Total(), null) : LinuxMemory.Read("/");
        var running = fleet.Current.Instances.Where(instance => instance.Pid is not null).ToArray();
        reading.Add("cpu", new LiveProcessors(Environment.ProcessorCount, Busy()), LiveJson.Default.LiveProcessors);
        reading.Add("memory", new LiveMemory(memory.Total, memory.Available), LiveJson.Default.LiveMemory);
        reading.Add("ledger", new LiveLedger(tools.BudgetBytes, running.Sum(instance => instance.ReservedBytes), running.Sum(instance => instance.MeasuredBytes)), LiveJson.Default.LiveLedger);
        reading.Add("disk", _disk!, LiveJson.Default.LiveDisk);
        reading.Add("gpus", new LiveGpus([.. gpus.Select(gpu => new LiveGpu(gpu.Name, gpu.MemoryBytes, gpu.UsedBytes, gpu.Busy, gpu.Celsius, gpu.Watts))]), LiveJson.Default.LiveGpus);
        reading.Add("daemon", new LiveDaemon(_own.Next(Environment.CpuUsage.TotalTime.TotalSeconds), Environment.WorkingSet, tools.Dashboards()), LiveJson.Default.LiveDaemon);
        return ValueTask.CompletedTask;
    }

    private LiveDisk Disk() => FreeSpace.Of(tools.Folder) is var (free, total)
        ? new(tools.Folder, total, free, DiskWatermark.IsLow(false, free, total, tools.Config().Cleanup))
        : new(tools.Folder, null, null, false);

    /// <summary>Since the look before.</summary>
    private double? Busy()
    {
        if (LinuxProcessors.Read() is not { } now) return null;
        var busy = _before is { } before ? now.Since(before) : null;
        _before = now;
        return busy is { } share ? Math.Round(share, 3) : null;
    }
}
