using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Gateway;
using Helix.Gateway.Lane;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Helix.Tests.Gateway.Lane;

/// <summary>A real server with the lane before it. Whoever answers says who he is: <c>lane</c> or <c>server</c>; then the method and the body.</summary>
internal sealed class LaneHouse : IAsyncDisposable
{
    private readonly LaneLoops? _loops;
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _letIn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LaneHouse(Door door)
    {
        _loops = door.HasLane ? new LaneLoops(1, door.LoopTime) : null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSockets().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = door.Protocols;
                listen.Use(next => connection =>
                {
                    _letIn.TrySetResult();
                    return next(connection);
                });
            });
            if (door.UnixSocket is not null) kestrel.ListenUnixSocket(door.UnixSocket);
        });
        builder.Services.AddSingleton<IConnectionListenerFactory>(provider => new LaneListeners(
            _loops, () => context => new(door.Serve(context)), door.Closes, provider.GetRequiredService<IOptions<SocketTransportOptions>>().Value, provider.GetRequiredService<IMemoryPoolFactory<byte>>(), provider.GetRequiredService<ILoggerFactory>(), door.Time));
        _app = builder.Build();
        _app.Run(context => AnswerAsync(context, "server"));
    }

    public IPEndPoint Address => new(IPAddress.Loopback, new Uri(_app.Urls.First(url => url.StartsWith("http://127", StringComparison.Ordinal))).Port);

    /// <summary>The server itself has got a connection.</summary>
    public Task LetIn => _letIn.Task;

    public static async Task<LaneHouse> StartAsync(Door door)
    {
        var house = new LaneHouse(door);
        await house._app.StartAsync();
        return house;
    }

    public static Task<LaneHouse> StartAsync() => StartAsync(new Door());

    public static async Task AnswerAsync(HttpContext context, string who)
    {
        using var body = await RequestBody.ReadAsync(context);
        var words = Encoding.UTF8.GetBytes($"{who} {context.Request.Method} {Encoding.UTF8.GetString(body.Bytes.Span)}");
        context.Response.ContentLength = words.Length;
        await context.Response.BodyWriter.WriteAsync(words);
    }

    public async Task<LaneClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(Address, TestContext.Current.CancellationToken);
        return new LaneClient(client);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _loops?.Dispose();
    }

    public sealed record Door
    {
        public bool HasLane { get; init; } = LaneLoop.IsSupported;

        public RequestDelegate Serve { get; init; } = context => AnswerAsync(context, "lane");

        public Func<bool> Closes { get; init; } = () => false;

        public TimeProvider Time { get; init; } = TimeProvider.System;

        public TimeProvider LoopTime { get; init; } = TimeProvider.System;

        public HttpProtocols Protocols { get; init; } = HttpProtocols.Http1AndHttp2;

        public string? UnixSocket { get; init; }
    }
}
