using System.Net;
using Helix.Access;
using Helix.Configuration;
using Helix.Gateway;
using Helix.Processes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Helix.Dashboard;

/// <summary>
/// The dashboard's own listener on loopback, where <c>gateway.monitor_port</c> names one. What comes in there goes the way of every other request, with a
/// mark on it: models are asked there by the dashboard alone. While its port belongs to somebody else, it is tried again.
/// </summary>
internal sealed partial class MonitorDoor(IConfigView config, IServiceProvider services, IHttpContextFactory contexts, ILoggerFactory loggers, TimeProvider time) : BackgroundLoop
{
    /// <summary>A daemon that goes holds its port for a moment longer; another program may hold it for days, and each try takes a thread.</summary>
    private static readonly (TimeSpan First, TimeSpan Longest) s_again = (TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(4));

    /// <summary>For answers under way where it closes.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = loggers.CreateLogger<MonitorDoor>();
    private readonly TaskCompletionSource<RequestDelegate> _door = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _address;
    private volatile string? _note;

    /// <summary>As a browser calls it; null while it is not open.</summary>
    public string? Address => _address;

    /// <summary>Why it is not open although it should be, in words for a user; null otherwise.</summary>
    public string? Note => _note;

    /// <summary>Where every request is to go. The host lays that way only once its loops have begun: until then nothing is opened.</summary>
    /// <returns>The same.</returns>
    public RequestDelegate LeadTo(RequestDelegate door)
    {
        _door.TrySetResult(door);
        return door;
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var door = await _door.Task.WaitAsync(stoppingToken);
        while (true)
        {
            var (version, port) = (config.Version, config.Current.Gateway.MonitorPort);
            if (port != 0) await ServeAsync(door, port, version, stoppingToken);
            else await OtherPortAsync(port, version, stoppingToken);
        }
    }

    /// <summary>Until the configuration names another port, or none.</summary>
    private async Task ServeAsync(RequestDelegate door, int port, long version, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var other = OtherPortAsync(port, version, over.Token);
        KestrelServer? server = null;
        try
        {
            for (var pause = s_again.First; server is null && !other.IsCompleted; pause = pause < s_again.Longest ? pause * 2 : pause)
            {
                server = await OpenAsync(door, port, cancellationToken);
                if (server is null) await Task.WhenAny(other, Task.Delay(pause, time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }

            await other;
        }
        finally
        {
            (_address, _note) = (null, null);
            await over.CancelAsync();
            if (server is not null) await CloseAsync(server);
        }
    }

    private async Task OtherPortAsync(int port, long version, CancellationToken cancellationToken)
    {
        while (config.Current.Gateway.MonitorPort == port)
        {
            await config.ChangedAsync(version, cancellationToken);
            version = config.Version;
        }
    }

    /// <returns>Null where the port cannot be had, which is said.</returns>
    private async Task<KestrelServer?> OpenAsync(RequestDelegate door, int port, CancellationToken cancellationToken)
    {
        var options = new KestrelServerOptions { ApplicationServices = services };
        KestrelTuning.Tune(options);
        options.Listen(IPAddress.Loopback, port);
        var server = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
        try
        {
            await server.StartAsync(new Application(contexts, door), cancellationToken);
            (_address, _note) = ($"http://127.0.0.1:{port}", null);
            LogOpen(port);
            return server;
        }
        catch (Exception taken) when (taken is IOException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            server.Dispose();
            if (_note is null) LogTaken(port, taken.Message);
            _note = $"the dashboard cannot be opened at port {port} ({taken.Message}); it is tried again. Another port: helix config set gateway.monitor_port PORT";
            return null;
        }
    }

    private async Task CloseAsync(KestrelServer server)
    {
        using var grace = new CancellationTokenSource(s_grace, time);
        await server.StopAsync(grace.Token);
        server.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "the dashboard is open at port {Port} of loopback, too")]
    private partial void LogOpen(int port);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the dashboard cannot be opened at port {Port}, which is tried again: {Reason}")]
    private partial void LogTaken(int port, string reason);

    /// <summary>Hands each request to the one door that there is.</summary>
    private sealed class Application(IHttpContextFactory contexts, RequestDelegate door) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures)
        {
            var context = contexts.Create(contextFeatures);
            context.Features.Set(MonitorMark.Instance);
            return context;
        }

        public Task ProcessRequestAsync(HttpContext context) => door(context);

        public void DisposeContext(HttpContext context, Exception? exception) => contexts.Dispose(context);
    }
}
