using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Helix.StandIn.Serving;

/// <summary>An HTTP server of its routes: Kestrel without a host around it, for a quick start.</summary>
internal sealed class Site : IHttpApplication<HttpContext>
{
    private readonly Dictionary<(string Method, string Path), Func<Call, Task>> _routes = [];
    private KestrelServer? _server;
    private int _inFlight;

    /// <summary>Asked before each route; false: it has answered already.</summary>
    public Func<Call, Task<bool>> Gate { get; set; } = _ => Task.FromResult(true);

    /// <summary>Answers what has no route.</summary>
    public Func<Call, Task> Missing { get; set; } = call => call.SendAsync(404, new JsonObject { ["detail"] = "Not Found" });

    /// <summary>Answers a body that is no JSON.</summary>
    public Func<Call, string, Task> Unreadable { get; set; } = (call, why) => call.SendAsync(400, new JsonObject { ["detail"] = why });

    public int InFlight => Volatile.Read(ref _inFlight);

    public void Get(string path, Func<Call, Task> handler) => _routes[("GET", path)] = handler;

    public void Post(string path, Func<Call, Task> handler) => _routes[("POST", path)] = handler;

    /// <param name="host">An address, <c>localhost</c>, empty or <c>0.0.0.0</c> for all, or the path of a socket.</param>
    /// <returns>False: the port is taken.</returns>
    public async Task<bool> TryListenAsync(string host, int port)
    {
        var options = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = true };
        options.Limits.MaxRequestBodySize = null;
        if (host.StartsWith('/')) options.ListenUnixSocket(host, listen => listen.Protocols = HttpProtocols.Http1);
        else options.Listen(Address(host), port, listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
        try
        {
            await server.StartAsync(this, CancellationToken.None);
            _server = server;
            return true;
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            server.Dispose();
            return false;
        }
    }

    /// <summary>Stops listening; requests may go on for so long.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (_server is null) return;
        using var limit = patience == TimeSpan.Zero ? new CancellationTokenSource(1) : new CancellationTokenSource(patience);
        await _server.StopAsync(limit.Token);
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        Interlocked.Increment(ref _inFlight);
        var call = new Call(context);
        try
        {
            if (!await Gate(call)) return;
            var path = context.Request.Path.Value!;
            var handler = _routes.GetValueOrDefault((context.Request.Method == "HEAD" ? "GET" : context.Request.Method, path)) ?? Missing;
            await handler(call);
        }
        catch (Unreadable unreadable)
        {
            await Unreadable(call, unreadable.Message);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            context.Abort(); // the client has gone
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private static IPAddress Address(string host) => host switch
    {
        "" or "0.0.0.0" => IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(host, out var address) ? address : throw new Exit(1, $"getaddrinfo failed for \"{host}\""),
    };
}
