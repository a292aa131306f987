using System.Net;
using System.Net.Sockets;

namespace Helix.StandIn.Poses;

/// <summary>Whether a port could be taken now.</summary>
internal static class Listening
{
    public static bool IsFree(string host, int port)
    {
        var address = host is "" or "0.0.0.0" ? IPAddress.Any : host is "localhost" ? IPAddress.Loopback : IPAddress.Parse(host);
        using var probe = new TcpListener(address, port);
        try
        {
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
