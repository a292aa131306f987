using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Fleet;

/// <summary>Measures now and then what each engine takes of the machine's memory, and tells the fleet.</summary>
/// <param name="measure">Of processes and their sessions, in bytes; without those of which nobody can tell.</param>
internal sealed class MemoryWatch(Fleet fleet, MemoryTable table, Func<IReadOnlyCollection<int>, IReadOnlyDictionary<int, long>> measure, TimeProvider time) : BackgroundLoop
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
            var looked = serving.Where(each => second % SecondsBetween == 0 || !known.Contains(each.Pid)).ToArray();
            // all of them in one walk through the machine's processes, and told together: the fleet plans once
            var taken = looked.Length > 0 ? measure([.. looked.Select(each => each.Pid)]) : new Dictionary<int, long>();
            foreach (var (name, pid) in looked)
                if (taken.TryGetValue(pid, out var bytes)) fleet.TellMemory(name, pid, bytes);
            known = [.. serving.Select(each => each.Pid)];
        }
    }
}
