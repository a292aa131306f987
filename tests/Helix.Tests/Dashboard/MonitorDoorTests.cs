using System.Net;
using System.Net.Sockets;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Helix.Tests.Dashboard;

public sealed class MonitorDoorTests : IAsyncLifetime
{
    private readonly SettableConfig _config = new();
    private DashboardHouse _house = null!;

    public async ValueTask InitializeAsync() => _house = await StartAsync(_config);

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    private MonitorDoor Door => _house.Host.Services.GetRequiredService<MonitorDoor>();

    [Fact]
    public async Task The_dashboard_is_open_at_a_port_of_its_own_and_models_are_asked_there_by_nobody_else()
    {
        await using var engine = _house.Host.Engine("a", talk => talk.JsonAsync("""{"choices":[]}"""));
        _house.Host.Fleet.Set(_house.Host.Model("m", "a"));
        using var http = await OpenAsync(FreePort());

        using var page = new HttpRequestMessage(HttpMethod.Get, "/");
        page.Headers.Add("Accept", "text/html");
        using var shown = await http.SendAsync(page);
        Assert.Equal(DashboardHouse.Page, await shown.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/v1/models")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/p/vllm/x")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/helix/v1/keys")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/helix/v1/session")).StatusCode);

        using var signIn = new HttpRequestMessage(HttpMethod.Post, "/helix/v1/session") { Content = new StringContent($$"""{"link":"{{await _house.LinkAsync()}}"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        using var signedIn = await http.SendAsync(signIn);
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single();
        // of this port: the gateway's own is another
        Assert.StartsWith($"helix-session-{http.BaseAddress!.Port}=", cookie, StringComparison.Ordinal);
        http.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/helix/v1/keys")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/v1/models")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _house.Host.Client.GetAsync("/v1/models")).StatusCode);
    }

    [Fact]
    public async Task It_follows_the_configuration()
    {
        using var first = await OpenAsync(FreePort());
        Assert.Equal(HttpStatusCode.OK, (await first.GetAsync("/helix/v1/session")).StatusCode);

        using var second = await OpenAsync(FreePort());
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync("/helix/v1/session")).StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => first.GetAsync("/helix/v1/session"));

        _config.Set(0);
        await Eventually.TrueAsync(() => Door.Address is null);
        await Eventually.TrueAsync(() => IsClosedAsync(second));
    }

    [Fact]
    public async Task While_somebody_else_has_its_port_it_says_so_and_tries_again()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        _config.Set(port);
        await Eventually.TrueAsync(() => Door.Note is not null);
        Assert.Contains($"{port}", Door.Note, StringComparison.Ordinal);
        Assert.Contains("gateway.monitor_port", Door.Note, StringComparison.Ordinal);
        other.Stop();

        await Eventually.TrueAsync(() => Door.Address == $"http://127.0.0.1:{port}");
        Assert.Null(Door.Note);
    }

    [Fact]
    public async Task A_daemon_that_begins_with_it_answers_there_as_well()
    {
        var (config, port) = (new SettableConfig(), FreePort());
        config.Set(port);
        await using var house = await StartAsync(config);
        var door = house.Host.Services.GetRequiredService<MonitorDoor>();

        await Eventually.TrueAsync(() => door.Address is not null);

        using var http = new HttpClient { BaseAddress = new Uri(door.Address!), Timeout = Eventually.Limit };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/helix/v1/session")).StatusCode);
    }

    private static Task<DashboardHouse> StartAsync(SettableConfig config) => DashboardHouse.StartAsync(
        more: services => services.AddSingleton<IConfigView>(config).AddSingleton<MonitorDoor>().AddSingleton<IHostedService>(provider => provider.GetRequiredService<MonitorDoor>()),
        first: app => app.UseMonitorDoor());

    private async Task<HttpClient> OpenAsync(int port)
    {
        _config.Set(port);
        await Eventually.TrueAsync(() => Door.Address == $"http://127.0.0.1:{port}");
        return new HttpClient(new SocketsHttpHandler { UseCookies = false, PooledConnectionLifetime = TimeSpan.Zero }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Eventually.Limit };
    }

    private static async Task<bool> IsClosedAsync(HttpClient http)
    {
        try
        {
            (await http.GetAsync("/helix/v1/session")).Dispose();
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class SettableConfig : IConfigView
    {
        private readonly Lock _setting = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HelixConfig Current { get; private set; } = HelixConfig.Default;

        public long Version { get; private set; }

        public IReadOnlyList<string> Problems => [];

        public void Set(int port)
        {
            TaskCompletionSource before;
            lock (_setting)
            {
                (Current, Version, before) = (HelixConfig.Default with { Gateway = new GatewayConfig(MonitorPort: port) }, Version + 1, _changed);
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            before.SetResult();
        }

        public async Task ChangedAsync(long version, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task changed;
                lock (_setting)
                {
                    if (Version > version) return;
                    changed = _changed.Task;
                }

                await changed.WaitAsync(cancellationToken);
            }
        }
    }
}
