using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Helix.Processes;

namespace Helix.Tests.Fleet.Fakes;

/// <summary>Starts nothing. Records every start and signal, and lets a test say when each process ends.</summary>
internal sealed class FakeProcessHost : IProcessHost
{
    private readonly Channel<ProcessExit> _exits = Channel.CreateUnbounded<ProcessExit>();
    private int _nextPid = 1000;

    public List<ProcessIdentity> Started { get; } = [];

    /// <summary>What each start was told.</summary>
    public List<LaunchSpec> Launched { get; } = [];

    public Dictionary<string, ProcessIdentity> Alive { get; } = new(StringComparer.Ordinal);

    public List<(ProcessIdentity Process, ProcessSignal Signal)> Signals { get; } = [];

    public string? RefuseWith { get; set; }

    /// <summary>Set: every process ends before its start is answered, and this is told of it.</summary>
    public Action<ProcessExit>? DiesAtBirth { get; set; }

    public Task<ProcessIdentity> SpawnAsync(LaunchSpec spec, CancellationToken cancellationToken)
    {
        lock (Alive)
        {
            if (RefuseWith is { } why) throw new SpawnFailedException(why);
            if (Alive.ContainsKey(spec.Name)) throw new SpawnFailedException($"{spec.Name} runs already");
            var process = new ProcessIdentity(spec.Name, _nextPid++, 1);
            Started.Add(process);
            Launched.Add(spec);
            if (DiesAtBirth is { } told) told(new ProcessExit(process, 1, null));
            else Alive[spec.Name] = process;
            return Task.FromResult(process);
        }
    }

    public Task SignalAsync(ProcessIdentity process, ProcessSignal signal, CancellationToken cancellationToken)
    {
        lock (Alive) Signals.Add((process, signal));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<KnownProcess>> ListAsync(CancellationToken cancellationToken)
    {
        lock (Alive) return Task.FromResult<IReadOnlyList<KnownProcess>>([.. Alive.Values.Select(p => new KnownProcess(p, null)), .. Dead]);
    }

    /// <summary>Ends that nobody has acknowledged.</summary>
    public List<KnownProcess> Dead { get; } = [];

    public Task AcknowledgeAsync(ProcessIdentity process, CancellationToken cancellationToken)
    {
        lock (Alive) Dead.RemoveAll(dead => dead.Identity == process);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ProcessExit> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var exit in _exits.Reader.ReadAllAsync(cancellationToken)) yield return exit;
    }

    public ProcessExit End(string name, int? code = null, int? signal = 9)
    {
        lock (Alive)
        {
            Alive.Remove(name, out var process);
            return new ProcessExit(process!, code, signal);
        }
    }
}
