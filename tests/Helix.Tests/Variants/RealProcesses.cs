using System.Runtime.CompilerServices;
using Helix.Processes;

namespace Helix.Tests.Variants;

/// <summary>Real processes as children of the test, without a keeper between.</summary>
internal sealed class RealProcesses : IProcessHost
{
    private readonly KeptChildren _children = new();

    // protects _children
    private readonly Lock _lock = new();

    public Task<ProcessIdentity> SpawnAsync(LaunchSpec spec, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _children.Collect();
            return Task.FromResult(_children.Spawn(spec));
        }
    }

    public Task SignalAsync(ProcessIdentity process, ProcessSignal signal, CancellationToken cancellationToken)
    {
        lock (_lock) _children.Signal(process, signal);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<KnownProcess>> ListAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _children.Collect();
            return Task.FromResult(_children.Known);
        }
    }

    public Task AcknowledgeAsync(ProcessIdentity process, CancellationToken cancellationToken)
    {
        lock (_lock) _children.Acknowledge(process);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ProcessExit> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }
}
