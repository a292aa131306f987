using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Tests.Gateway.Fakes;
using Helix.Tests.Gateway.Lane;

namespace Helix.Tests.Access;

public sealed class KeyTests : IAsyncLifetime
{
    private GatewayHost _host = null!;
    private HttpClient _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync();
        _owner = _host.Owner();
    }

    public ValueTask DisposeAsync()
    {
        _owner.Dispose();
        return _host.DisposeAsync();
    }

    [Fact]
    public async Task A_key_is_shown_once_works_and_can_be_revoked()
    {
        _host.Config = HelixConfig.Default with { Security = new SecurityConfig(RequireKey: true) };
        var created = await CreateAsync("laptop", "infer");

        Assert.StartsWith("hx_", created.Key, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await AskAsync("/v1/models", bearer: created.Key));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("/v1/models", apiKey: created.Key));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/v1/models"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/v1/models", bearer: created.Key + "x"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("/helix/v1/keys", bearer: created.Key));

        var listed = (await _owner.GetFromJsonAsync("/helix/v1/keys", ApiJson.Default.KeyList))!.Keys.Single();
        Assert.Equal(("laptop", created.Key[..9]), (listed.Name, listed.Prefix));
        Assert.NotNull(listed.LastUsed);

        Assert.True((await _owner.DeleteAsync("/helix/v1/keys/laptop")).IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/v1/models", bearer: created.Key));
        Assert.Equal(HttpStatusCode.NotFound, (await _owner.DeleteAsync("/helix/v1/keys/laptop")).StatusCode);
    }

    [Fact]
    public async Task A_key_that_was_revoked_is_refused_on_the_connection_on_which_it_came_before()
    {
        var (kept, revoked) = (await CreateAsync("kept", "infer"), await CreateAsync("revoked", "infer"));
        var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, _host.Port, TestContext.Current.CancellationToken);
        using var line = new LaneClient(connection);

        foreach (var key in new[] { revoked, revoked, kept, revoked }) Assert.False(await IsRefusedAsync(key));
        Assert.True((await _owner.DeleteAsync("/helix/v1/keys/revoked")).IsSuccessStatusCode);

        Assert.True(await IsRefusedAsync(revoked));
        Assert.False(await IsRefusedAsync(kept));

        async Task<bool> IsRefusedAsync(CreatedKey key)
        {
            Assert.NotNull(await line.AskAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key.Key}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"));
            return line.Head.StartsWith("HTTP/1.1 401 ", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_admin_key_opens_helixs_own_api_over_tcp_and_nothing_else_does()
    {
        var admin = await CreateAsync("root", "admin");

        Assert.Equal(HttpStatusCode.OK, await AskAsync("/helix/v1/keys", bearer: admin.Key));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/helix/v1/keys"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/HELIX/v1/keys"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("//helix/v1/keys"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/x/../helix/v1/keys"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/%68elix/v1/keys"));
    }

    [Fact]
    public async Task A_key_for_metrics_opens_them_and_nothing_else()
    {
        Assert.Equal(HttpStatusCode.OK, await AskAsync("/metrics"));
        _host.Config = HelixConfig.Default with { Security = new SecurityConfig(RequireKey: true) };
        var (scraper, app) = (await CreateAsync("prometheus", "metrics"), await CreateAsync("app", "infer"));

        foreach (var path in new[] { "/metrics", "/metrics/", "/METRICS", "//metrics", "/%6Detrics" }) Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(path));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("/metrics", bearer: app.Key));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("/metrics", bearer: scraper.Key));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("/v1/models", bearer: scraper.Key));
        using var owned = await _owner.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, owned.StatusCode);
    }

    [Fact]
    public async Task A_wrong_helix_key_is_noticed_on_an_open_gateway_and_a_placeholder_is_not()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/v1/models", bearer: "hx_revoked"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("/v1/models", bearer: "sk-none"));
    }

    [Theory]
    [InlineData("""{"name":"a b","scopes":["infer"]}""")]
    [InlineData("""{"name":"","scopes":["infer"]}""")]
    [InlineData("""{"name":"..","scopes":["infer"]}""")]
    [InlineData("""{"name":"a","scopes":["root"]}""")]
    [InlineData("""{"name":"a","scopes":[]}""")]
    [InlineData("""{"name":"a"}""")]
    [InlineData("""{"name":"a","scopes":["infer"],"more":1}""")]
    [InlineData("null")]
    [InlineData("{")]
    public async Task What_is_wrong_with_a_wish_for_a_key_is_said(string body)
    {
        var response = await _owner.PostAsync("/helix/v1/keys", new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")));

        var error = (await response.Content.ReadFromJsonAsync(ApiJson.Default.ApiErrorBody))!.Error;
        Assert.Equal((HttpStatusCode.BadRequest, "invalid"), (response.StatusCode, error.Code));
        Assert.False(string.IsNullOrEmpty(error.Remedy));
    }

    [Fact]
    public async Task A_wish_larger_than_any_wish_is_refused_as_too_large()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/helix/v1/keys")
        {
            Content = new StringContent($$"""{"name":"{{new string('a', 31_000_000)}}"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        };
        // the refusal comes before the body, and closes the connection: a client that sends on would only see it break
        request.Headers.ExpectContinue = true;

        var response = await _owner.SendAsync(request);

        var error = (await response.Content.ReadFromJsonAsync(ApiJson.Default.ApiErrorBody))!.Error;
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "invalid"), (response.StatusCode, error.Code));
    }

    [Fact]
    public async Task Two_keys_cannot_have_one_name()
    {
        await CreateAsync("a", "infer");

        var second = await _owner.PostAsJsonAsync("/helix/v1/keys", new CreateKeyRequest("a", ["infer"]), ApiJson.Default.CreateKeyRequest);

        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
    }

    [Fact]
    public async Task A_key_says_whether_it_is_private()
    {
        foreach (var (name, isPrivate) in new[] { ("laptop", false), ("notes", true) })
            Assert.Equal(HttpStatusCode.Created, (await _owner.PostAsJsonAsync("/helix/v1/keys", new CreateKeyRequest(name, ["infer"], isPrivate), ApiJson.Default.CreateKeyRequest)).StatusCode);

        var keys = (await _owner.GetFromJsonAsync("/helix/v1/keys", ApiJson.Default.KeyList))!.Keys;

        Assert.Equal([("laptop", false), ("notes", true)], keys.Select(key => (key.Name, key.Private)).Order());
    }

    [Fact]
    public async Task A_key_says_whether_it_compares_meaning()
    {
        foreach (var (name, compares) in new[] { ("laptop", false), ("helpdesk", true) })
            Assert.Equal(HttpStatusCode.Created, (await _owner.PostAsJsonAsync("/helix/v1/keys", new CreateKeyRequest(name, ["infer"], SemanticCache: compares), ApiJson.Default.CreateKeyRequest)).StatusCode);

        var keys = (await _owner.GetFromJsonAsync("/helix/v1/keys", ApiJson.Default.KeyList))!.Keys;

        Assert.Equal([("helpdesk", true), ("laptop", false)], keys.Select(key => (key.Name, key.SemanticCache)).Order());
    }

    private async Task<CreatedKey> CreateAsync(string name, params string[] scopes)
    {
        var response = await _owner.PostAsJsonAsync("/helix/v1/keys", new CreateKeyRequest(name, scopes), ApiJson.Default.CreateKeyRequest);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(ApiJson.Default.CreatedKey))!;
    }

    private async Task<HttpStatusCode> AskAsync(string path, string? bearer = null, string? apiKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (bearer is not null) request.Headers.Add("Authorization", $"Bearer {bearer}");
        if (apiKey is not null) request.Headers.Add("x-api-key", apiKey);
        using var response = await _host.Client.SendAsync(request);
        return response.StatusCode;
    }
}
