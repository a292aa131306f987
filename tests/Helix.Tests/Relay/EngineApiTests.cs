using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Gateway;
using Helix.Relay;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Relay;

/// <summary>What a client asks under <c>/p/PROVIDER</c>, at a small server that stands for an engine.</summary>
public sealed class EngineApiTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeFleetView _fleet = new();
    private WebApplication _engine = null!;
    private WebApplication _gateway = null!;
    private EngineApi _api = null!;
    private HttpClient _client = null!;
    private string _headers = "";
    private string _place = "";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _engine = await StartAsync(app => app.Run(AnswerAsync));
        _place = new Uri(AddressOf(_engine)).Authority;
        var config = () => HelixConfig.Default with { Gateway = new GatewayConfig(MaxBodyMegabytes: 1) };
        _api = new(new(_fleet, new GatewayCounters(_time), _ => new([1], "", ""), _time), new(_fleet, config, _time), config);
        _gateway = await StartAsync(app => app.Map("/p/{provider}/{**rest}", context => _api.ServeAsync(context, (string)context.Request.RouteValues["provider"]!)));
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(AddressOf(_gateway)), Timeout = Eventually.Limit };
        _fleet.Set(Model("m", new Backend("textgen-m", "textgen", _place, "m", "engine-key")));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _api.Dispose();
        await _gateway.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Theory]
    [InlineData("/p/textgen/api/x%2Fy?q=a%20b", "/api/x%2Fy?q=a%20b")]
    [InlineData("/p/textgen/", "/")]
    [InlineData("/p/textgen", "/")]
    [InlineData("/p/textgen?q=1", "/?q=1")]
    public async Task The_path_reaches_the_engine_as_it_was_sent(string sent, string seen)
    {
        using var response = await _client.GetAsync(new Uri(sent, UriKind.Relative), Cancelled);

        Assert.Equal($"GET {seen}", await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(("textgen", "m"), (response.Header("x-helix-provider"), response.Header("x-helix-model")));
    }

    [Fact]
    public async Task It_gets_its_own_key_and_no_other_and_its_cookies_stay_where_they_are()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/p/textgen/load") { Content = new StringContent("name=x", Encoding.UTF8, "application/x-www-form-urlencoded") };
        request.Headers.Add("Authorization", "Bearer hx_admin");
        request.Headers.Add("x-api-key", "hx_admin");
        request.Headers.Add("Cookie", "a=b");

        using var response = await _client.SendAsync(request, Cancelled);

        Assert.Equal("POST /load name=x", await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Contains("authorization: Bearer engine-key;", _headers, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("hx_admin", _headers, StringComparison.Ordinal);
        Assert.DoesNotContain("cookie", _headers, StringComparison.OrdinalIgnoreCase);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task An_engine_without_a_key_gets_none()
    {
        _fleet.Set(Model("m", new Backend("textgen-m", "textgen", _place, "m")));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/p/textgen/x");
        request.Headers.Add("Authorization", "Bearer hx_admin");

        using var response = await _client.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain("authorization", _headers, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Of_several_models_the_one_that_is_named_is_asked()
    {
        _fleet.Set(Model("m", new Backend("textgen-m", "textgen", "127.0.0.1:9", "m")), Model("other", new Backend("textgen-other", "textgen", _place, "other")));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/p/textgen/x");
        request.Headers.Add("x-helix-model", "other");

        using var response = await _client.SendAsync(request, Cancelled);

        Assert.Equal((HttpStatusCode.OK, "other"), (response.StatusCode, response.Header("x-helix-model")));
    }

    [Fact]
    public async Task One_that_sleeps_is_woken_and_waited_for()
    {
        _fleet.Set(Model("m", null));
        var asked = _client.GetAsync("/p/textgen/x", Cancelled);
        await Eventually.TrueAsync(() => _fleet.Wanted.Contains("textgen/m"), "it is woken");
        _fleet.Set(Model("m", new Backend("textgen-m", "textgen", _place, "m")));

        using var response = await asked;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task One_that_does_not_come_is_told()
    {
        _fleet.Set(Model("m", null));
        var asked = _client.GetAsync("/p/textgen/x", Cancelled);
        await Eventually.TrueAsync(() => asked.IsCompleted, () => _time.Advance(TimeSpan.FromMinutes(1)));

        using var response = await asked;

        Assert.Equal((503, "timeout"), ((int)response.StatusCode, await CodeAsync(response)));
        Assert.Equal("5", response.Header("Retry-After"));
    }

    [Theory]
    [InlineData("/p/nobody/x", null)]
    [InlineData("/p/textgen/x", "nothing")]
    public async Task Who_is_not_there_is_not_found(string path, string? model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (model is not null) request.Headers.Add("x-helix-model", model);

        using var response = await _client.SendAsync(request, Cancelled);

        Assert.Equal((404, "not_found"), ((int)response.StatusCode, await CodeAsync(response)));
    }

    [Fact]
    public async Task One_that_takes_no_connection_is_a_502()
    {
        _fleet.Set(Model("m", new Backend("textgen-m", "textgen", "127.0.0.1:9", "m")));

        using var response = await _client.GetAsync("/p/textgen/x", Cancelled);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    [Fact]
    public async Task Clouds_are_not_reached_past_their_budget()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        _fleet.Set(cloud.Model("gpt"));

        using var response = await _client.GetAsync("/p/openai/models", Cancelled);

        Assert.Equal((409, "conflict"), ((int)response.StatusCode, await CodeAsync(response)));
        Assert.Equal(0, cloud.Connections);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/p/textgen/x") { Content = new ByteArrayContent(new byte[2 << 20]) };
        // else the rest of it may be on its way when the connection ends
        request.Headers.ExpectContinue = true;

        using var response = await _client.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage response) => (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!["error"]!["code"];

    private static ServedModel Model(string id, Backend? backend) => new(id, ModelAbilities.Chat, new ModelAvailability.Ready(), [], 512, false, DateTimeOffset.UnixEpoch)
    {
        Seats = [new("textgen", backend is null ? new ModelAvailability.Asleep() : new ModelAvailability.Ready(), backend)],
    };

    private static async Task<WebApplication> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        map(app);
        await app.StartAsync(Cancelled);
        return app;
    }

    private static string AddressOf(WebApplication app) => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private async Task AnswerAsync(HttpContext context)
    {
        _headers = string.Concat(context.Request.Headers.Select(header => $"{header.Key}: {header.Value};"));
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        context.Response.Headers.SetCookie = "own=1";
        await context.Response.WriteAsync($"{context.Request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}{(body.Length > 0 ? $" {body}" : "")}");
    }
}
