using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Helix.Bench.Wire;

/// <summary>Where a server listens: <c>unix:/path</c> or <c>127.0.0.1:port</c>.</summary>
internal sealed record Place(EndPoint EndPoint)
{
    public static Place Unix(string path) => new(new UnixDomainSocketEndPoint(path));

    public static Place Loopback(int port) => new(new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public Socket Connect()
    {
        var socket = EndPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.ReceiveTimeout = 600_000;
        try
        {
            socket.Connect(EndPoint);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{EndPoint}");
}
