using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Helix.Gateway.Lane;

/// <summary>
/// Listens for the server. Where there are loops, who comes over TCP is answered on one of them as long as he asks models in the plainest way; with his first request of another kind he is
/// the server's, with what was read of it, and stays there. All others are the server's at once. When a daemon leaves whose successor listens already, it takes in nobody more, and
/// then waits a moment before what is idle is closed: who came in just before has not been heard yet, and would find the door shut in his face.
/// </summary>
/// <param name="loops">Null where there are none.</param>
/// <param name="serve">What answers on the loops; asked for when the server begins to listen.</param>
/// <param name="closes">A successor listens already; false where everything is stopped, and nobody need be waited for.</param>
/// <param name="options">As the server's own sockets have them.</param>
/// <param name="pools">The server's own.</param>
internal sealed class LaneListeners(LaneLoops? loops, Func<Func<HttpContext, ValueTask>> serve, Func<bool> closes, SocketTransportOptions options, IMemoryPoolFactory<byte> pools, ILoggerFactory logs, TimeProvider time) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private const string ServersLog = "Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets";

    /// <exception cref="AddressInUseException">Somebody else has it.</exception>
    /// <exception cref="SocketException">It cannot be had.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = Bind(endpoint);
        var isTcp = listener.LocalEndPoint is IPEndPoint;
        var arrivals = Channel.CreateUnbounded<Arrival>(new UnboundedChannelOptions { SingleReader = true });
        var log = logs.CreateLogger<LaneListeners>();
        var door = isTcp && loops is not null ? serve() : null;
        LaneConnections[] lanes = door is null ? [] : [.. loops!.All.Select(loop => new LaneConnections(loop, door, closes, arrivals.Writer, log, time))];
        foreach (var lane in lanes) lane.Begin();
        var accepts = new AcceptLoop(listener, isTcp && options.NoDelay, lanes.Length > 0 ? socket => lanes.MinBy(lane => lane.Count)!.Take(socket) : socket => Pass(arrivals.Writer, socket), log, time);
        accepts.Start();
        return new(new LaneListener(accepts, arrivals, new SocketConnectionContextFactory(Server(), logs.CreateLogger(ServersLog)), pools.Create(), lanes, closes, time));
    }

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or UnixDomainSocketEndPoint or FileHandleEndPoint;

    private static void Pass(ChannelWriter<Arrival> arrivals, Socket socket)
    {
        if (!arrivals.TryWrite(new(socket, []))) socket.Dispose();
    }

    private Socket Bind(EndPoint endpoint)
    {
        Socket? listener = null;
        try
        {
            listener = options.CreateBoundListenSocket(endpoint);
            listener.Listen(options.Backlog);
            return listener;
        }
        catch (SocketException failed)
        {
            listener?.Dispose();
            if (failed.SocketErrorCode == SocketError.AddressAlreadyInUse) throw new AddressInUseException(failed.Message, failed);
            throw;
        }
    }

    private SocketConnectionFactoryOptions Server() => new()
    {
        IOQueueCount = options.IOQueueCount,
        WaitForDataBeforeAllocatingBuffer = options.WaitForDataBeforeAllocatingBuffer,
        MaxReadBufferSize = options.MaxReadBufferSize,
        MaxWriteBufferSize = options.MaxWriteBufferSize,
        UnsafePreferInlineScheduling = options.UnsafePreferInlineScheduling,
    };
}
