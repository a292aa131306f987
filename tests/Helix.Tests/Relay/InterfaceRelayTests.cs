using System.Net;
using System.Net.WebSockets;
using System.Text;
using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Gateway;
using Helix.Relay;
using Helix.Tests.Gateway.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Relay;

/// <summary>A browser's requests through a real relay to a small server that stands for an engine with a web interface.</summary>
public sealed class InterfaceRelayTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeFleetView _fleet = new();
    private readonly SemaphoreSlim _next = new(0);
    private readonly CookieContainer _cookies = new();
    private readonly List<string> _seen = [];
    private WebApplication _engine = null!;
    private int _port;
    private InterfaceRelay _relay = null!;
    private HttpClient _browser = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Uri Root => new(new Uri(_relay.Url).GetLeftPart(UriPartial.Authority));

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _engine = builder.Build();
        _engine.UseWebSockets();
        _engine.Run(AnswerAsync);
        await _engine.StartAsync(Cancelled);
        var place = new Uri(_engine.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _port = place.Port;
        Serve($"127.0.0.1:{_port}");
        await OpenAsync(null);
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _relay.DisposeAsync();
        await _engine.DisposeAsync();
        _next.Dispose();
    }

    [Fact]
    public async Task The_link_leads_to_the_interface_and_works_once()
    {
        using (var stranger = await GetAsync("/")) Assert.Equal(HttpStatusCode.Forbidden, stranger.StatusCode);
        var page = await EnterAsync();
        Assert.Contains("url=/ui", page, StringComparison.Ordinal);
        var cookie = Assert.Single(_cookies.GetCookies(Root));
        Assert.True(cookie.HttpOnly);

        using (var inside = await GetAsync("/ui")) Assert.Equal("GET /ui", await inside.Content.ReadAsStringAsync(Cancelled));
        using var second = new HttpClient();
        using (var again = await second.GetAsync(_relay.Url, Cancelled)) Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
        Assert.DoesNotContain(_seen, line => line.Contains(new Uri(_relay.Url).Segments[^1], StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_interface_on_a_port_of_its_own_lets_the_browser_in_by_its_own_form()
    {
        Serve("127.0.0.1:9"); // nothing of the interface is there
        await OpenAsync(null, new("/ui", 2, new("/log-in", "name=helix&word={key}")));
        await EnterAsync();

        Assert.Contains(_seen, line => line.StartsWith("/log-in", StringComparison.Ordinal));
        Assert.Equal("yes", _cookies.GetCookies(Root)["in"]?.Value);
        using var inside = await GetAsync("/ui");
        Assert.Equal("GET /ui", await inside.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task A_form_that_is_refused_is_told_and_nobody_comes_in()
    {
        await OpenAsync(null, new("/ui", 2, new("/log-in", "name=helix&word=wrong")));

        using var entered = await _browser.GetAsync(_relay.Url, Cancelled);

        Assert.Equal(HttpStatusCode.BadGateway, entered.StatusCode);
        Assert.False(entered.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task The_engine_gets_its_key_and_its_own_cookies_and_nothing_of_the_relays()
    {
        await EnterAsync();
        _cookies.Add(Root, new Cookie("theme", "dark"));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Root, "/api/x%2Fy?q=a%20b")) { Content = new StringContent("the body", Encoding.UTF8, "application/json") };
        request.Headers.Add("Authorization", "Bearer of-the-browser");
        request.Headers.Add("Origin", Root.ToString().TrimEnd('/'));

        using var response = await _browser.SendAsync(request, Cancelled);

        Assert.Equal("POST /api/x%2Fy?q=a%20b the body", await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal("yes", response.Headers.GetValues("X-Engine").Single());
        var seen = _seen[^1];
        Assert.Contains("authorization: Bearer engine-key;", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("cookie: theme=dark;", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"host: {Root.Authority};", seen, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("helix-open", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("of-the-browser", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Host", "evil.example")]
    public async Task Pages_from_elsewhere_get_nothing_even_with_the_cookie(string header, string value)
    {
        await EnterAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Root, "/ui"));
        request.Headers.Add("Cookie", _cookies.GetCookieHeader(Root));
        request.Headers.Add(header, value);
        using var stranger = new HttpClient(new SocketsHttpHandler { UseCookies = false });

        using var response = await stranger.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(_seen);
    }

    [Fact]
    public async Task An_event_arrives_before_the_next_is_made()
    {
        await EnterAsync();
        using var response = await _browser.GetAsync(new Uri(Root, "/events"), HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancelled));

        for (var n = 0; n < 3; n++)
        {
            Assert.Equal($"data: {n}", await reader.ReadLineAsync(Cancelled));
            Assert.Equal("", await reader.ReadLineAsync(Cancelled));
            _next.Release();
        }

        Assert.Null(await reader.ReadLineAsync(Cancelled));
    }

    [Fact]
    public async Task A_WebSocket_goes_both_ways()
    {
        await EnterAsync();
        using var socket = new ClientWebSocket();
        socket.Options.Cookies = _cookies;
        socket.Options.SetRequestHeader("Origin", Root.ToString().TrimEnd('/'));
        await socket.ConnectAsync(new UriBuilder(Root) { Scheme = "ws", Path = "/socket" }.Uri, Cancelled);

        var buffer = new byte[100];
        foreach (var word in (string[])["one", "two"])
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(word), WebSocketMessageType.Text, true, Cancelled);
            var came = await socket.ReceiveAsync(buffer, Cancelled);
            Assert.Equal($"echo {word}", Encoding.UTF8.GetString(buffer, 0, came.Count));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);
        using var stranger = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => stranger.ConnectAsync(new UriBuilder(Root) { Scheme = "ws", Path = "/socket" }.Uri, Cancelled));
    }

    [Fact]
    public async Task While_the_engine_is_away_the_page_says_so_and_it_is_asked_for()
    {
        await EnterAsync();
        _fleet.Set(Model(null));

        using (var away = await GetAsync("/ui")) Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);

        Assert.Contains("textgen/m", _fleet.Wanted);
    }

    [Fact]
    public async Task It_closes_when_it_was_not_used_for_a_while()
    {
        await EnterAsync();
        _time.Advance(TimeSpan.FromMinutes(20));
        using (var still = await GetAsync("/ui")) Assert.Equal(HttpStatusCode.OK, still.StatusCode);
        _time.Advance(TimeSpan.FromMinutes(20));
        using (var used = await GetAsync("/ui")) Assert.Equal(HttpStatusCode.OK, used.StatusCode);

        await Eventually.TrueAsync(() => _relay.Closed.IsCompleted, () => _time.Advance(TimeSpan.FromMinutes(5)));

        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync("/ui"));
    }

    [Fact]
    public async Task It_closes_at_the_moment_that_was_given_used_or_not()
    {
        await _relay.DisposeAsync();
        await OpenAsync(TimeSpan.FromMinutes(10));
        await EnterAsync();
        var begun = _time.GetUtcNow();

        await Eventually.TrueAsync(
            async () =>
            {
                if (_relay.Closed.IsCompleted) return true;
                _time.Advance(TimeSpan.FromSeconds(30));
                try
                {
                    using var used = await GetAsync("/ui");
                }
                catch (HttpRequestException)
                {
                    // it is closing
                }

                return false;
            });

        Assert.True(_time.GetUtcNow() - begun >= TimeSpan.FromMinutes(10));
    }

    private async Task OpenAsync(TimeSpan? span, OwnInterface? own = null)
    {
        if (_relay is not null) await _relay.DisposeAsync();
        _relay = await InterfaceRelay.StartAsync(
            new("textgen", "m", own ?? new("/ui", null, null)), span, new(_fleet, new GatewayCounters(_time), _ => new([1, _port, 3], "", ""), _time));
        _browser?.Dispose();
        _browser = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies, AllowAutoRedirect = false });
    }

    private void Serve(string endpoint) => _fleet.Set(Model(new Backend("textgen-m", "textgen", endpoint, "m", "engine-key")));

    private static ServedModel Model(Backend? backend) => new("m", ModelAbilities.Chat, new ModelAvailability.Ready(), [], 512, false, DateTimeOffset.UnixEpoch)
    {
        Seats = [new("textgen", backend is null ? new ModelAvailability.Coming("restarting") : new ModelAvailability.Ready(), backend)],
    };

    private Task<HttpResponseMessage> GetAsync(string path) => _browser.GetAsync(new Uri(Root, path), Cancelled);

    private Task<string> EnterAsync() => _browser.GetStringAsync(new Uri(_relay.Url), Cancelled);

    private async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        _seen.Add($"{target} {string.Concat(context.Request.Headers.Select(header => $"{header.Key}: {header.Value};"))}");
        switch (context.Request.Path.Value)
        {
            case "/events":
                context.Response.ContentType = "text/event-stream";
                for (var n = 0; n < 3; n++)
                {
                    await context.Response.WriteAsync($"data: {n}\n\n");
                    await context.Response.Body.FlushAsync();
                    await _next.WaitAsync(Eventually.Limit);
                }

                break;
            case "/log-in":
                using (var form = new StreamReader(context.Request.Body))
                    if (await form.ReadToEndAsync() == "name=helix&word=engine-key") context.Response.Headers.SetCookie = "in=yes; Path=/; HttpOnly";
                    else context.Response.StatusCode = StatusCodes.Status400BadRequest;
                break;
            case "/socket":
                using (var socket = await context.WebSockets.AcceptWebSocketAsync())
                {
                    var buffer = new byte[100];
                    while (await socket.ReceiveAsync(buffer, default) is { MessageType: not WebSocketMessageType.Close } came)
                        await socket.SendAsync(Encoding.UTF8.GetBytes("echo " + Encoding.UTF8.GetString(buffer, 0, came.Count)), WebSocketMessageType.Text, true, default);
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
                }

                break;
            default:
                using (var reader = new StreamReader(context.Request.Body))
                {
                    var body = await reader.ReadToEndAsync();
                    context.Response.Headers["X-Engine"] = "yes";
                    await context.Response.WriteAsync($"{context.Request.Method} {target}{(body.Length > 0 ? $" {body}" : "")}");
                }

                break;
        }
    }
}
