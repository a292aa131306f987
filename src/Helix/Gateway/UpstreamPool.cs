using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Helix.Clouds;
using Helix.Core.Clouds;
using Helix.Core.Fleet;
using Helix.Fleet;
using Helix.Gateway.Lane;

namespace Helix.Gateway;

/// <summary>A connection for one request.</summary>
/// <param name="Connection">Null if nobody takes connections there, or the client has left.</param>
/// <param name="Trouble">Why a cloud cannot be reached; null for an engine.</param>
internal readonly record struct UpstreamLine(UpstreamConnection? Connection, string? Trouble = null);

/// <summary>Idle connections to engines and clouds, by the loop that hears them and the endpoint of each; the one used last goes out first.</summary>
/// <param name="loops">Wait for the engines of this machine; null where there are none.</param>
internal sealed class UpstreamPool(CloudDial clouds, TimeProvider time, LaneLoops? loops = null) : IDisposable
{
    /// <summary>Of one endpoint on one loop. Who is asked by more at once has more than it can work on.</summary>
    private const int MaxIdle = 256;

    /// <summary>Of each loop, and those of no loop behind them.</summary>
    private readonly ConcurrentDictionary<string, IdleLines>[] _idle =
        [.. Enumerable.Range(0, (loops?.All.Length ?? 0) + 1).Select(_ => new ConcurrentDictionary<string, IdleLines>(StringComparer.Ordinal))];

    /// <summary>An engine that is there takes a connection at once; a machine that is switched off never says anything.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>What lies between here and a cloud forgets a connection on which nothing is said, and tells nobody.</summary>
    private static readonly TimeSpan s_longestIdle = TimeSpan.FromSeconds(30);

    public ValueTask<UpstreamLine> TakeAsync(Backend backend, CancellationToken clientLeft)
    {
        if (backend.Cloud is { } cloud) return TakeAsync(cloud, clientLeft);
        var loop = loops?.Nearest;
        return (loop is not null && TryPop(_idle[loop.Index], backend.Endpoint, out var connection)) || TryPop(_idle[^1], backend.Endpoint, out connection)
            ? new(new UpstreamLine(connection))
            : ConnectAsync(backend.Endpoint, loop, clientLeft);
    }

    /// <summary>Takes a connection back after its request; keeps it only if it can serve another.</summary>
    public void Return(UpstreamConnection connection)
    {
        if (!connection.CanBeReused)
        {
            connection.Dispose();
            return;
        }

        connection.MarkReused(time.GetTimestamp());
        var those = _idle[connection.Loop?.Index ?? _idle.Length - 1];
        var idle = those.TryGetValue(connection.Endpoint, out var known) ? known : those.GetOrAdd(connection.Endpoint, _ => new());
        if (!idle.TryPush(connection)) connection.Dispose();
    }

    /// <summary>Closes all idle connections to an engine that is known to be gone.</summary>
    public void Forget(string endpoint)
    {
        foreach (var those in _idle)
        {
            if (!those.TryRemove(endpoint, out var idle)) continue;
            while (idle.TryPop(out var connection)) connection.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var endpoint in _idle.SelectMany(those => those.Keys)) Forget(endpoint);
    }

    private static bool TryPop(ConcurrentDictionary<string, IdleLines> those, string endpoint, [NotNullWhen(true)] out UpstreamConnection? connection)
    {
        connection = null;
        return those.TryGetValue(endpoint, out var idle) && idle.TryPop(out connection);
    }

    private async ValueTask<UpstreamLine> ConnectAsync(string endpoint, LaneLoop? loop, CancellationToken clientLeft)
    {
        ForgetTheGone();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(clientLeft);
        patience.CancelAfter(s_patience);
        try
        {
            if (loop is null || !EngineEndpoint.IsHere(endpoint)) return new(new UpstreamConnection(await EngineEndpoint.ConnectAsync(endpoint, patience.Token), endpoint));
            return new(new UpstreamConnection(null, endpoint, lane: new LaneSocket(loop, await EngineEndpoint.ConnectUnwatchedAsync(endpoint, patience.Token))));
        }
        catch (Exception nobody) when (nobody is SocketException or OperationCanceledException)
        {
            return default;
        }
    }

    /// <summary>What a cloud has closed meanwhile is not used: a request that costs is sent once, and no engine's quick death has to be told from that.</summary>
    private async ValueTask<UpstreamLine> TakeAsync(CloudTarget cloud, CancellationToken clientLeft)
    {
        var endpoint = cloud.Address.Endpoint;
        if (clouds.IsOffline) Forget(endpoint);
        while (TryPop(_idle[^1], endpoint, out var connection))
        {
            if (!connection.IsStale() && time.GetElapsedTime(connection.IdleSince) < s_longestIdle) return new(connection);
            connection.Dispose();
        }

        ForgetTheGone();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(clientLeft);
        patience.CancelAfter(CloudTrouble.Patience);
        return await clouds.CallAsync(cloud.Address, patience.Token) switch
        {
            CloudCall.Open(var socket, var stream) => new(new UpstreamConnection(socket, endpoint, stream)),
            CloudCall.Failed(var reason) => new(null, reason),
            _ => throw new InvalidOperationException("a new kind of call"),
        };
    }

    /// <summary>New connections are rare, so this is the moment to let go of engines that have ended.</summary>
    private void ForgetTheGone()
    {
        foreach (var (endpoint, idle) in _idle.SelectMany(those => those))
            if (idle.TryPeek(out var newest) && newest.IsStale())
                Forget(endpoint);
    }

    /// <summary>Those of one endpoint, the one used last on top.</summary>
    private sealed class IdleLines
    {
        private readonly Lock _gate = new();
        private readonly Stack<UpstreamConnection> _lines = new();

        public bool TryPush(UpstreamConnection line)
        {
            lock (_gate)
            {
                if (_lines.Count >= MaxIdle) return false;
                _lines.Push(line);
                return true;
            }
        }

        public bool TryPop([NotNullWhen(true)] out UpstreamConnection? line)
        {
            lock (_gate) return _lines.TryPop(out line);
        }

        public bool TryPeek([NotNullWhen(true)] out UpstreamConnection? newest)
        {
            lock (_gate) return _lines.TryPeek(out newest);
        }
    }
}
