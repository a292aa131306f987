using Helix.Core.Hardware;
using Helix.Core.Live;
using Helix.Fleet;
using Helix.Hardware;
using Helix.Processes;

namespace Helix.Live;

/// <summary>How the machine is looked at.</summary>
/// <param name="Processors">Null where the system does not tell.</param>
/// <param name="DiskFree">Bytes of the disk with helix's home; null where the system does not tell.</param>
internal sealed record MachineEyes(Func<ProcessorTime?> Processors, Func<MemoryFacts> Memory, Func<long?> DiskFree, GpuWatch Gpus);

/// <summary>
/// Keeps what the machine did in each minute of the last hour, also while nobody looks, so that a page that is opened has something to draw. A look
/// reads a few small files, four times a minute; GPUs are asked once a minute, and only while an engine runs, for asking wakes one that sleeps.
/// </summary>
internal sealed partial class MachineDiary(MachineEyes eyes, IFleetView fleet, TimeProvider time, ILogger<MachineDiary> log) : BackgroundLoop
{
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(15);

    // a little less than four looks: one that comes early by the other clock does not put it off to the fifth
    private static readonly TimeSpan s_gpuPace = TimeSpan.FromSeconds(50);

    private MachineMinutes _minutes = MachineMinutes.None;
    private ProcessorTime? _before;
    private long _heard;
    private bool _isBroken;

    public MachineMinutes Current => Volatile.Read(ref _minutes);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        // the daemon's start goes first
        await Task.Yield();
        while (true)
        {
            TryLook(stoppingToken);
            await Task.Delay(s_pace, time, stoppingToken);
        }
    }

    /// <summary>Takes one look, and adds it to the minute that runs.</summary>
    internal void Look(CancellationToken cancellationToken)
    {
        var engines = fleet.Current.Instances.Where(instance => instance.Pid is not null).ToArray();
        var taken = engines.Sum(instance => instance.MeasuredBytes);
        var (total, available) = eyes.Memory();
        var look = new MachineLook(
            Busy(), total - available, engines.Length > 0 && taken == 0 ? null : taken, eyes.DiskFree(), engines.Length == 0 ? [] : [.. Gpus(cancellationToken).Select(gpu => new GpuLook(gpu.Busy, gpu.UsedBytes))]);
        Volatile.Write(ref _minutes, _minutes.With((long)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMinutes, look));
    }

    /// <summary>What cannot be drawn is no reason for a daemon to end.</summary>
    private void TryLook(CancellationToken cancellationToken)
    {
        try
        {
            Look(cancellationToken);
            _isBroken = false;
        }
        catch (Exception broken) when (!cancellationToken.IsCancellationRequested)
        {
            if (!_isBroken) LogNotSeen(broken);
            _isBroken = true;
        }
    }

    private double? Busy()
    {
        var now = eyes.Processors();
        var busy = now is { } known && _before is { } before ? known.Since(before) : null;
        _before = now;
        return busy;
    }

    /// <summary>None where what they told last was counted already.</summary>
    private IReadOnlyList<GpuLoad> Gpus(CancellationToken cancellationToken)
    {
        var answer = eyes.Gpus.Newest(s_gpuPace, cancellationToken);
        if (answer.Number == _heard) return [];
        _heard = answer.Number;
        return answer.Loads;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the machine could not be looked at; the dashboard's charts of it have a gap")]
    private partial void LogNotSeen(Exception broken);
}
