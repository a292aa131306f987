using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Helix.Gateway;

/// <summary>Idle connections to engines, by the path of their unix socket; the one used last goes out first.</summary>
internal sealed class UpstreamPool : IDisposable
{
    private const int MaxIdle = 64;

    private readonly ConcurrentDictionary<string, ConcurrentStack<UpstreamConnection>> _idle = new(StringComparer.Ordinal);

    /// <returns>Null if nobody takes connections at this path.</returns>
    public ValueTask<UpstreamConnection?> TakeAsync(string path) =>
        _idle.TryGetValue(path, out var idle) && idle.TryPop(out var connection) ? new(connection) : ConnectAsync(path);

    /// <summary>Takes a connection back after its request; keeps it only if it can serve another.</summary>
    public void Return(UpstreamConnection connection)
    {
        var idle = _idle.GetOrAdd(connection.Path, _ => new());
        if (!connection.CanBeReused || idle.Count >= MaxIdle)
        {
            connection.Dispose();
            return;
        }

        connection.MarkReused();
        idle.Push(connection);
    }

    /// <summary>Closes all idle connections to an engine that is known to be gone.</summary>
    public void Forget(string path)
    {
        if (!_idle.TryRemove(path, out var idle)) return;
        while (idle.TryPop(out var connection)) connection.Dispose();
    }

    public void Dispose()
    {
        foreach (var path in _idle.Keys) Forget(path);
    }

    private async ValueTask<UpstreamConnection?> ConnectAsync(string path)
    {
        ForgetTheGone();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            return new UpstreamConnection(socket, path);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>New connections are rare, so this is the moment to let go of engines that have ended.</summary>
    private void ForgetTheGone()
    {
        foreach (var (path, idle) in _idle)
            if (idle.TryPeek(out var newest) && newest.IsStale())
                Forget(path);
    }
}
