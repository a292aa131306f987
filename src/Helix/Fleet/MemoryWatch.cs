using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Fleet;

/// <summary>Measures now and then what each engine takes of the machine's memory, and tells the fleet.</summary>
/// <param name="measure">Of processes and their sessions, in bytes; without those of which nobody can tell.</param>
internal sealed class MemoryWatch(Fleet fleet, MemoryTable table, Func<IReadOnlyCollection<int>, IReadOnlyDictionary<int, long>> measure, TimeProvider time) : BackgroundLoop
{
    /// <summary>Each look may walk the page tables of an engine: tens of milliseconds for a large model.</summary>
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(10);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (await table.AllAsync() is Stored<MemoryLedger>.Ok(var ledger)) fleet.TellLedger(ledger);
        var (known, lookedAt) = (new HashSet<int>(), time.GetTimestamp());
        while (true)
        {
            var now = fleet.Current;
            // what has not served yet has not taken all that it will
            var serving = now.Instances.Where(instance => instance is { State: ProviderState.Ready or ProviderState.Degraded, Pid: not null }).Select(instance => (instance.Name, Pid: instance.Pid!.Value)).ToArray();
            var isTime = time.GetElapsedTime(lookedAt) >= s_pace;
            // a new one at once: with many models and little room it may be gone before the next look
            var looked = serving.Where(each => isTime || !known.Contains(each.Pid)).ToArray();
            // all of them in one walk through the machine's processes, and told together: the fleet plans once
            var taken = looked.Length > 0 ? measure([.. looked.Select(each => each.Pid)]) : new Dictionary<int, long>();
            foreach (var (name, pid) in looked)
                if (taken.TryGetValue(pid, out var bytes)) fleet.TellMemory(name, pid, bytes);
            known = [.. serving.Select(each => each.Pid)];
            if (isTime) lookedAt = time.GetTimestamp();
            await fleet.ChangedAsync(now.Version, s_pace - time.GetElapsedTime(lookedAt), time, stoppingToken);
        }
    }
}
