using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Fleet;

/// <summary>Measures now and then what each engine takes of the machine's memory, and tells the fleet.</summary>
/// <param name="measure">Of a process and its session, in bytes; null where nobody can tell.</param>
internal sealed class MemoryWatch(Fleet fleet, MemoryTable table, Func<int, long?> measure, TimeProvider time) : BackgroundLoop
{
    /// <summary>Each look walks the page tables of an engine: tens of milliseconds for a large model.</summary>
    private const int SecondsBetween = 10;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (await table.AllAsync() is Stored<MemoryLedger>.Ok(var ledger)) fleet.TellLedger(ledger);
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        var known = new HashSet<int>();
        for (var second = 1; await tick.WaitForNextTickAsync(stoppingToken); second++)
        {
            // what has not served yet has not taken all that it will
            var serving = fleet.Current.Instances.Where(instance => instance is { State: ProviderState.Ready or ProviderState.Degraded, Pid: not null }).Select(instance => (instance.Name, Pid: instance.Pid!.Value)).ToArray();
            // a new one at once: with many models and little room it may be gone before the next look
            foreach (var (name, pid) in serving.Where(each => second % SecondsBetween == 0 || !known.Contains(each.Pid)))
                if (measure(pid) is { } bytes) fleet.TellMemory(name, pid, bytes);
            known = [.. serving.Select(each => each.Pid)];
        }
    }
}
