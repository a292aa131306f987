using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Access;
using Helix.Clouds;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Fleet;
using Helix.Gateway;
using Helix.Gateway.Lane;
using Helix.Storage;
using Helix.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Helix.Tests.Gateway.Fakes;

/// <summary>The real gateway on a real Kestrel behind the lane, on loopback and a unix socket, over a fleet that the test sets.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("helix-gw-");

    private GatewayHost(TimeProvider time, Action<IServiceCollection>? more, Action<WebApplication>? first)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseGatewayTuning().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.ListenUnixSocket(UnixSocket);
        });
        builder.Services
            .AddSingleton(time)
            .AddSingleton<IFleetView>(Fleet)
            .AddSingleton<Func<HelixConfig>>(() => Config)
            .AddStorage(new HelixHome(Path.Combine(_folder.FullName, "home")))
            .AddAccess()
            .AddGateway()
            .AddLane(_ => () => false)
            .AddSingleton(CloudProxies.None);
        more?.Invoke(builder.Services);
        _app = builder.Build();
        first?.Invoke(_app);
        _app.MapGateway().MapAccess();
    }

    public HelixConfig Config { get; set; } = HelixConfig.Default;

    public FakeFleetView Fleet { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public int Port => Client.BaseAddress!.Port;

    public IServiceProvider Services => _app.Services;

    public GatewayCounters Counters => _app.Services.GetRequiredService<GatewayCounters>();

    public Admission Admission => _app.Services.GetRequiredService<Admission>();

    public RequestSignals Signals => _app.Services.GetRequiredService<RequestSignals>();

    public Refusals Refusals => _app.Services.GetRequiredService<Refusals>();

    /// <summary>On clouds, in US dollars.</summary>
    public async Task<decimal> SpentAsync(long day) => Assert.IsType<Stored<Money>.Ok>(await _app.Services.GetRequiredService<SpendingTable>().SpentAsync(day)).Value.Dollars;

    public KestrelServerLimits Limits => _app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

    public string UnixSocket => Path.Combine(_folder.FullName, "helix.sock");

    /// <param name="more">What takes the place of what was registered.</param>
    /// <param name="first">What goes before the gateway.</param>
    public static async Task<GatewayHost> StartAsync(TimeProvider? time = null, Action<IServiceCollection>? more = null, Action<WebApplication>? first = null)
    {
        var host = new GatewayHost(time ?? TimeProvider.System, more, first);
        await host._app.Services.GetRequiredService<KeyRing>().LoadAsync();
        await host._app.StartAsync();
        var addresses = host._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        host.Client = new HttpClient { BaseAddress = new Uri(addresses.First(address => address.StartsWith("http://127", StringComparison.Ordinal))), Timeout = Eventually.Limit };
        return host;
    }

    /// <summary>A client on the unix socket.</summary>
    public HttpClient Owner() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(UnixSocket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    }) { BaseAddress = new Uri("http://helix"), Timeout = Eventually.Limit };

    public FakeEngine Engine(string name, Func<EngineTalk, Task> answer) => new(SocketOf(name), answer);

    public string SocketOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>A ready model with one backend for each engine's name.</summary>
    public ServedModel Model(string id, params string[] engines) => new(
        id,
        ModelAbilities.Chat | ModelAbilities.Completion,
        new ModelAvailability.Ready(),
        [.. engines.Select(name => new Backend(name, "builtin", SocketOf(name), id))],
        2048,
        IsSelfTest: false,
        DateTimeOffset.UnixEpoch.AddDays(1));

    public Task<HttpResponseMessage> PostAsync(string json, string path = "/v1/chat/completions", Action<HttpRequestMessage>? more = null, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        more?.Invoke(request);
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
