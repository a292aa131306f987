// YARP in front of one engine, as its documentation has it: Helix.Bench.Yarp PORT SOCKET. It logs nothing, and all else is left as it comes.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Yarp.ReverseProxy.Configuration;

var (port, engine) = (int.Parse(args[0], CultureInfo.InvariantCulture), new UnixDomainSocketEndPoint(args[1]));
var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
builder.Services.AddReverseProxy()
    .LoadFromMemory(
        [new RouteConfig { RouteId = "all", ClusterId = "engine", Match = new RouteMatch { Path = "{**all}" } }],
        [new ClusterConfig { ClusterId = "engine", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = "http://localhost" } } }])
    .ConfigureHttpClient((_, handler) => handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(engine, cancellationToken));
var app = builder.Build();
app.MapReverseProxy();
app.Run();

static async ValueTask<Stream> ConnectAsync(UnixDomainSocketEndPoint engine, CancellationToken cancellationToken)
{
    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    try
    {
        await socket.ConnectAsync(engine, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
    catch
    {
        socket.Dispose();
        throw;
    }
}
