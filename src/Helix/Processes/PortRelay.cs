using System.Net;
using System.Net.Sockets;

namespace Helix.Processes;

/// <summary>A unix socket that leads to a port of 127.0.0.1: the way into a sandbox whose engine speaks only TCP.</summary>
internal sealed class PortRelay : IDisposable
{
    private const int Waiting = 128;

    private readonly Socket _door;
    private readonly IPEndPoint _port;

    /// <exception cref="SocketException">The socket cannot be made.</exception>
    public PortRelay(GroupRelay relay)
    {
        _port = new IPEndPoint(IPAddress.Loopback, relay.Port);
        File.Delete(relay.Socket);
        _door = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _door.Bind(new UnixDomainSocketEndPoint(relay.Socket));
        _door.Listen(Waiting);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var caller = await _door.AcceptAsync(cancellationToken);
            _ = PassAsync(caller, cancellationToken);
        }
    }

    public void Dispose() => _door.Dispose();

    private async Task PassAsync(Socket caller, CancellationToken cancellationToken)
    {
        using (caller)
        using (var engine = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
        {
            try
            {
                await engine.ConnectAsync(_port, cancellationToken);
                using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                Task[] ways = [CopyAsync(caller, engine, over.Token), CopyAsync(engine, caller, over.Token)];
                // one that broke tells nobody of it: whoever waits at the other one would wait for ever
                if ((await Task.WhenAny(ways)).IsFaulted) await over.CancelAsync();
                await Task.WhenAll(ways);
            }
            catch (Exception ended) when (ended is SocketException or OperationCanceledException)
            {
                // either has left, or nothing listens there yet: the caller sees its connection closed
            }
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
        {
            for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
        }

        // the end of one way is told, and the other goes on
        to.Shutdown(SocketShutdown.Send);
    }
}
