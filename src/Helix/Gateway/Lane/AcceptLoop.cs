using System.Net;
using System.Net.Sockets;

namespace Helix.Gateway.Lane;

/// <summary>Takes in whoever connects, until it is told to stop.</summary>
/// <param name="listener">Bound, and listening.</param>
/// <param name="noDelay">For TCP: what is sent leaves at once, however small it is.</param>
/// <param name="take">Takes the socket over.</param>
internal sealed partial class AcceptLoop(Socket listener, bool noDelay, Action<Socket> take, ILogger log, TimeProvider time)
{
    /// <summary>Where there is no descriptor left, trying again at once would only take the processor as well.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private Task _running = Task.CompletedTask;

    /// <summary>As it is bound, which may tell more than was asked for.</summary>
    public EndPoint EndPoint { get; } = listener.LocalEndPoint!;

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Done once everybody who was taken in has been given on.</summary>
    public Task StopAsync()
    {
        listener.Dispose();
        return _running;
    }

    private async Task RunAsync()
    {
        var isTold = false;
        while (true)
        {
            try
            {
                Take(await listener.AcceptAsync());
                isTold = false;
            }
            catch (Exception over) when (over is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException gone) when (gone.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // before anybody had looked
            }
            catch (Exception failed)
            {
                if (!isTold) LogNobody(failed.Message);
                isTold = true;
                await Task.Delay(s_pause, time);
            }
        }
    }

    private void Take(Socket socket)
    {
        try
        {
            if (noDelay) socket.NoDelay = true;
        }
        catch (SocketException)
        {
            // gone already, which whoever reads from it finds out
        }

        take(socket);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "nobody who connects can be taken in at this moment, which is tried again: {Reason}")]
    private partial void LogNobody(string reason);
}
