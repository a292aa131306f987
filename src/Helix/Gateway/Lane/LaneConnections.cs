using System.Net.Sockets;
using System.Threading.Channels;

namespace Helix.Gateway.Lane;

/// <summary>The connections of one listener that are answered on one loop. All that is private happens on the loop's thread.</summary>
/// <param name="arrivals">Where those go that the server is to answer.</param>
internal sealed partial class LaneConnections(LaneLoop loop, Func<HttpContext, ValueTask> serve, Func<bool> closes, ChannelWriter<Arrival> arrivals, ILogger log, TimeProvider time)
{
    private readonly HashSet<LaneConnection> _all = [];
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private bool _isLeaving;

    /// <summary>Done when <see cref="Leave"/> was called and the last has left.</summary>
    public Task Gone => _gone.Task;

    /// <summary>Those that were taken, and have not left yet.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Looks after them once a second, until <see cref="End"/>. From any thread, and so is all that follows.</summary>
    public void Begin() => loop.Post(static self => Connections(self).Follow(), this);

    public void Take(Socket socket)
    {
        Interlocked.Increment(ref _count);
        loop.Post(
            static state =>
            {
                var (self, taken) = ((LaneConnections, Socket))state!;
                self.Open(taken);
            },
            (this, socket));
    }

    /// <summary>Nobody more comes. Those who are idle leave now, the others once they are answered.</summary>
    public void Leave() => loop.Post(static self => Connections(self).LeaveAll(), this);

    /// <summary>Drops them in the middle of their answers.</summary>
    public void Abort() => loop.Post(static self => Connections(self).AbortAll(), this);

    public void End() => loop.Post(static self => Connections(self).Unfollow(), this);

    private static LaneConnections Connections(object? self) => (LaneConnections)self!;

    private void Follow() => loop.EachSecond += EachSecond;

    private void Unfollow() => loop.EachSecond -= EachSecond;

    private void Open(Socket socket)
    {
        try
        {
            var connection = new LaneConnection(new LaneSocket(loop, socket), serve, closes, HandOver, time);
            _all.Add(connection);
            _ = RunAsync(connection);
        }
        catch (Exception failed)
        {
            // mostly, who connected has gone again; nothing that is wrong with one may end the loop
            LogNotOpened(failed.Message);
            Interlocked.Decrement(ref _count);
            socket.Dispose();
        }
    }

    private async Task RunAsync(LaneConnection connection)
    {
        try
        {
            await connection.RunAsync();
        }
        catch (Exception error)
        {
            LogBroken(error);
            loop.Post(static broken => ((LaneConnection)broken!).Abort(), connection);
        }

        if (loop.IsHere) Close(connection);
        else
            loop.Post(
                static state =>
                {
                    var (self, over) = ((LaneConnections, LaneConnection))state!;
                    self.Close(over);
                },
                (this, connection));
    }

    private void HandOver(LaneConnection connection)
    {
        var arrival = new Arrival(connection.Socket!, connection.Unread.ToArray());
        // the server has closed its door
        if (!arrivals.TryWrite(arrival)) arrival.Socket.Dispose();
    }

    private void EachSecond()
    {
        // one that leaves meanwhile does not disturb the walk; one that comes would, and comes by itself only
        foreach (var connection in _all) connection.EachSecond();
    }

    private void LeaveAll()
    {
        _isLeaving = true;
        foreach (var connection in _all) connection.Leave();
        TellGone();
    }

    private void AbortAll()
    {
        foreach (var connection in _all) connection.Abort();
    }

    private void Close(LaneConnection connection)
    {
        _all.Remove(connection);
        Interlocked.Decrement(ref _count);
        TellGone();
    }

    private void TellGone()
    {
        if (_isLeaving && _all.Count == 0) _gone.TrySetResult();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "a connection could not be taken to the loop: {Reason}")]
    private partial void LogNotOpened(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "a connection broke")]
    private partial void LogBroken(Exception error);
}
