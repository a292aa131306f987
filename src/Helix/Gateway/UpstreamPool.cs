using System.Collections.Concurrent;
using System.Net.Sockets;
using Helix.Fleet;

namespace Helix.Gateway;

/// <summary>Idle connections to engines, by the endpoint of each; the one used last goes out first.</summary>
internal sealed class UpstreamPool : IDisposable
{
    private const int MaxIdle = 64;

    private readonly ConcurrentDictionary<string, ConcurrentStack<UpstreamConnection>> _idle = new(StringComparer.Ordinal);

    /// <returns>Null if nobody takes connections there.</returns>
    public ValueTask<UpstreamConnection?> TakeAsync(string endpoint) =>
        _idle.TryGetValue(endpoint, out var idle) && idle.TryPop(out var connection) ? new(connection) : ConnectAsync(endpoint);

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

    private async ValueTask<UpstreamConnection?> ConnectAsync(string endpoint)
    {
        ForgetTheGone();
        try
        {
            return new UpstreamConnection(await EngineEndpoint.ConnectAsync(endpoint, CancellationToken.None), endpoint);
        }
        catch (SocketException)
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
