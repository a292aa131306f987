using System.Net;
using System.Net.Sockets;

namespace Helix.Fleet;

/// <summary>Where an engine answers: a path is a unix socket, anything else an address and a port.</summary>
internal static class EngineEndpoint
{
    public static string OnPort(int port) => $"127.0.0.1:{port}";

    public static int? PortOf(string endpoint) => endpoint.StartsWith('/') ? null : IPEndPoint.Parse(endpoint).Port;

    /// <exception cref="SocketException">Nobody takes connections there.</exception>
    public static async ValueTask<Socket> ConnectAsync(string endpoint, CancellationToken cancellationToken)
    {
        EndPoint place = endpoint.StartsWith('/') ? new UnixDomainSocketEndPoint(endpoint) : IPEndPoint.Parse(endpoint);
        var socket = place is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(place, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
