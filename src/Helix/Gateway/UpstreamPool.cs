using System.Collections.Concurrent;
using System.Net.Sockets;
using Helix.Fleet;

namespace Helix.Gateway;

/// <summary>Idle connections to engines, by the endpoint of each; the one used last goes out first.</summary>
internal sealed class UpstreamPool : IDisposable
{
    private const int MaxIdle = 64;

    private readonly ConcurrentDictionary<string, ConcurrentStack<UpstreamConnection>> _idle = new(StringComparer.Ordinal);

    /// <summary>An engine that is there takes a connection at once; a machine that is switched off never says anything.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <returns>Null if nobody takes connections there, or the client has left.</returns>
    public ValueTask<UpstreamConnection?> TakeAsync(string endpoint, CancellationToken clientLeft) =>
        _idle.TryGetValue(endpoint, out var idle) && idle.TryPop(out var connection) ? new(connection) : ConnectAsync(endpoint, clientLeft);

    /// <summary>Takes a connection back after its request; keeps it only if it can serve another.</summary>
    public void Return(UpstreamConnection connection)
    {
        var idle = _idle.GetOrAdd(connection.Endpoint, _ => new());
        if (!connection.CanBeReused || idle.Count >= MaxIdle)
        {
            connection.Dispose();
            return;
        }

        connection.MarkReused();
        idle.Push(connection);
    }

    /// <summary>Closes all idle connections to an engine that is known to be gone.</summary>
    public void Forget(string endpoint)
    {
        if (!_idle.TryRemove(endpoint, out var idle)) return;
        while (idle.TryPop(out var connection)) connection.Dispose();
    }

    public void Dispose()
    {
        foreach (var endpoint in _idle.Keys) Forget(endpoint);
    }

    private async ValueTask<UpstreamConnection?> ConnectAsync(string endpoint, CancellationToken clientLeft)
    {
        ForgetTheGone();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(clientLeft);
        patience.CancelAfter(s_patience);
        try
        {
            return new UpstreamConnection(await EngineEndpoint.ConnectAsync(endpoint, patience.Token), endpoint);
        }
        catch (Exception nobody) when (nobody is SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>New connections are rare, so this is the moment to let go of engines that have ended.</summary>
    private void ForgetTheGone()
    {
        foreach (var (endpoint, idle) in _idle)
            if (idle.TryPeek(out var newest) && newest.IsStale())
                Forget(endpoint);
    }
}
