using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Helix.Gateway.Lane;

/// <summary>Gives the server its connections: those that the lane leaves to it, or all where there is none.</summary>
/// <param name="blocks">Of which the server makes its buffers: who writes to it without saying how much expects a whole block.</param>
/// <param name="lanes">None where everybody goes to the server at once.</param>
/// <param name="closes">A successor listens already.</param>
internal sealed class LaneListener(AcceptLoop accepts, Channel<Arrival> arrivals, SocketConnectionContextFactory server, MemoryPool<byte> blocks, LaneConnections[] lanes, Func<bool> closes, TimeProvider time) : IConnectionListener
{
    /// <summary>Who has connected says what he wants at once; on a busy machine both sides need their turn for it.</summary>
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(500);

    /// <summary>Who has sent half a request is the server's after five seconds, and it has to be there then.</summary>
    private static readonly TimeSpan s_halves = TimeSpan.FromSeconds(6);

    /// <summary>For those that are dropped.</summary>
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(1);

    private readonly Blocks _blocks = new(blocks);
    private CancellationToken _patience;

    public EndPoint EndPoint => accepts.EndPoint;

    /// <returns>Null once nobody more will come.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await arrivals.Reader.WaitToReadAsync(cancellationToken))
        {
            if (!arrivals.Reader.TryRead(out var arrival)) continue;
            try
            {
                var connection = server.Create(arrival.Socket);
                connection.Features.Set<IMemoryPoolFeature>(_blocks);
                if (arrival.First.Length > 0) (connection.Transport, connection.ConnectionClosed) = (new FirstBytes(connection.Transport, arrival.First), Heard(connection.ConnectionClosed));
                return connection;
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // before anybody had looked
                arrival.Socket.Dispose();
            }
        }

        return null;
    }

    /// <summary>Takes in nobody more. The server closes what is idle afterwards, and so does the lane; where everything is stopped, nobody's half request is waited for.</summary>
    /// <param name="cancellationToken">Of the whole departure: who is still being answered then is dropped.</param>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _patience = cancellationToken;
        await accepts.StopAsync();
        var goesOn = closes();
        if (goesOn) await Task.Delay(s_moment, time, CancellationToken.None);
        foreach (var lane in lanes) lane.Leave();
        if (goesOn) await GoneAsync(s_halves, cancellationToken);
        arrivals.Writer.TryComplete();
    }

    /// <summary>Waits for those that are being answered.</summary>
    public async ValueTask DisposeAsync()
    {
        await accepts.StopAsync();
        arrivals.Writer.TryComplete();
        foreach (var lane in lanes) lane.Leave();
        if (!await GoneAsync(Timeout.InfiniteTimeSpan, _patience))
        {
            foreach (var lane in lanes) lane.Abort();
            await GoneAsync(s_end, CancellationToken.None);
        }

        foreach (var lane in lanes) lane.End();
        while (arrivals.Reader.TryRead(out var left)) left.Socket.Dispose();
        server.Dispose();
        blocks.Dispose();
    }

    /// <summary>Who has said all that he wants, and says so, is answered: the server would hear of his end before it has heard what was read of him already.</summary>
    /// <param name="closed">The server's connection.</param>
    private static CancellationToken Heard(CancellationToken closed)
    {
        // sockets know no other time
        var (over, since) = (new CancellationTokenSource(), TimeProvider.System.GetTimestamp());
        closed.UnsafeRegister(_ => _ = EndAsync(), null);
        return over.Token;

        async Task EndAsync()
        {
            if (s_moment - TimeProvider.System.GetElapsedTime(since) is { Ticks: > 0 } left) await Task.Delay(left, TimeProvider.System, CancellationToken.None);
            await over.CancelAsync();
        }
    }

    private async Task<bool> GoneAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(lanes.Select(lane => lane.Gone)).WaitAsync(within, time, cancellationToken);
            return true;
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private sealed class Blocks(MemoryPool<byte> pool) : IMemoryPoolFeature
    {
        public MemoryPool<byte> MemoryPool => pool;
    }
}
