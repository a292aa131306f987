using System.Collections.Concurrent;
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

/// <summary>Idle connections to engines and clouds. Each loop has its own to the engines of this machine, which nobody else takes; all others are for whoever comes.</summary>
/// <param name="loops">Wait for the engines of this machine; null where there are none.</param>
internal sealed class UpstreamPool(CloudDial clouds, TimeProvider time, LaneLoops? loops = null) : IDisposable
{
    /// <summary>What each loop takes, by endpoint, and behind them what is taken on other threads. They stay when they are empty: endpoints come again.</summary>
    private readonly ConcurrentDictionary<string, IdleLines>[] _idle =
        [.. Enumerable.Range(0, (loops?.All.Length ?? 0) + 1).Select(_ => new ConcurrentDictionary<string, IdleLines>(StringComparer.Ordinal))];

    /// <summary>An engine that is there takes a connection at once; a machine that is switched off never says anything.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>What lies between here and a cloud forgets a connection on which nothing is said, and tells nobody.</summary>
    private static readonly TimeSpan s_longestIdle = TimeSpan.FromSeconds(30);

    public ValueTask<UpstreamLine> TakeAsync(Backend backend, CancellationToken clientLeft)
    {
        if (backend.Cloud is { } cloud) return TakeAsync(cloud, clientLeft);
        var idle = loops?.Here is { } loop ? LinesOf(loop, backend.Endpoint) : SharedOf(backend.Endpoint);
        while (idle.TryTake(out var connection))
        {
            // what it said unasked would be taken for the answer to what is asked now
            if (!connection.IsStale()) return new(new UpstreamLine(connection));
            connection.Dispose();
        }

        return ConnectAsync(idle, clientLeft);
    }

    /// <summary>Takes a connection back after its request; keeps it only if it can serve another.</summary>
    public void Return(UpstreamConnection connection)
    {
        if (connection is not { CanBeReused: true, Lines: { } idle })
        {
            connection.Dispose();
            return;
        }

        // since when an engine's is idle nobody asks
        connection.MarkReused(idle.Loop is null ? time.GetTimestamp() : 0);
        idle.Bring(connection);
    }

    /// <summary>Closes all idle connections to an engine that is known to be gone.</summary>
    public void Forget(string endpoint)
    {
        foreach (var those in _idle)
            if (those.TryGetValue(endpoint, out var idle))
                idle.CloseAll();
    }

    public void Dispose()
    {
        foreach (var idle in _idle.SelectMany(those => those.Values)) idle.CloseAll();
    }

    /// <summary>On the loop's thread.</summary>
    private IdleLines LinesOf(LaneLoop loop, string endpoint) => _idle[loop.Index].TryGetValue(endpoint, out var idle) ? idle
        : _idle[loop.Index].GetOrAdd(endpoint, EngineEndpoint.IsHere(endpoint) ? new IdleLines(endpoint, loop) : SharedOf(endpoint));

    private IdleLines SharedOf(string endpoint) => _idle[^1].GetOrAdd(endpoint, static place => new IdleLines(place));

    private async ValueTask<UpstreamLine> ConnectAsync(IdleLines idle, CancellationToken clientLeft)
    {
        CloseTheGone();
        var endpoint = idle.Endpoint;
        var loop = idle.Loop ?? (loops is not null && EngineEndpoint.IsHere(endpoint) ? loops.Next : null);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(clientLeft);
        patience.CancelAfter(s_patience);
        try
        {
            return new(loop is null
                ? new UpstreamConnection(await EngineEndpoint.ConnectAsync(endpoint, patience.Token), idle)
                : new UpstreamConnection(null, idle, lane: new LaneSocket(loop, await EngineEndpoint.ConnectUnwatchedAsync(endpoint, patience.Token))));
        }
        catch (Exception nobody) when (nobody is SocketException or OperationCanceledException)
        {
            return default;
        }
    }

    /// <summary>What a cloud has closed meanwhile is not used: a request that costs is sent once, and no engine's quick death has to be told from that.</summary>
    private async ValueTask<UpstreamLine> TakeAsync(CloudTarget cloud, CancellationToken clientLeft)
    {
        var idle = SharedOf(cloud.Address.Endpoint);
        if (clouds.IsOffline) idle.CloseAll();
        while (idle.TryTake(out var connection))
        {
            if (!connection.IsStale() && time.GetElapsedTime(connection.IdleSince) < s_longestIdle) return new(connection);
            connection.Dispose();
        }

        CloseTheGone();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(clientLeft);
        patience.CancelAfter(CloudTrouble.Patience);
        return await clouds.CallAsync(cloud.Address, patience.Token) switch
        {
            CloudCall.Open(var socket, var stream) => new(new UpstreamConnection(socket, idle, stream)),
            CloudCall.Failed(var reason) => new(null, reason),
            _ => throw new InvalidOperationException("a new kind of call"),
        };
    }

    /// <summary>New connections are rare, so this is the moment to let go of engines that have ended.</summary>
    private void CloseTheGone()
    {
        foreach (var idle in _idle.SelectMany(those => those.Values)) idle.CloseTheGone();
    }
}
