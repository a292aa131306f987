using System.Net;
using System.Net.Sockets;

namespace Helix.StandIn.Poses;

internal static class Ports
{
    /// <summary>A port that was free a moment ago.</summary>
    public static int Any()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
