using System.Net;
using System.Net.Http.Json;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Access;
using Helix.Storage;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Dashboard;

public sealed class SessionTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));
    private DashboardHouse _house = null!;

    public async ValueTask InitializeAsync() => _house = await DashboardHouse.StartAsync(_time);

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task A_browser_that_opened_the_link_may_read_with_its_cookie_and_change_with_its_token()
    {
        using var browser = new Browser(_house);
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync(HttpMethod.Get, "/helix/v1/keys"));

        using var signedIn = await browser.UseAsync(await _house.LinkAsync());

        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith($"helix-session-{_house.Host.Port}=", cookie, StringComparison.Ordinal);
        foreach (var part in new[] { "path=/", "httponly", "samesite=strict", "max-age=2592000" }) Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("no-store", signedIn.Header("Cache-Control"));
        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync(HttpMethod.Get, "/helix/v1/keys"));
        Assert.Equal(HttpStatusCode.Created, await browser.StatusAsync(HttpMethod.Post, "/helix/v1/keys", """{"name":"a","scopes":["infer"]}"""));
        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync(HttpMethod.Delete, "/helix/v1/keys/a"));
    }

    [Theory]
    [InlineData("/helix/v1/session")]
    [InlineData("/helix/v1/sessions")]
    [InlineData("/helix/v1/keys")]
    public async Task What_is_told_of_this_machine_is_kept_by_no_cache_and_is_what_it_is_called(string path)
    {
        using var browser = await _house.SignInAsync();
        using var response = await browser.GetAsync(path);

        Assert.Equal((HttpStatusCode.OK, "no-store", "nosniff"), (response.StatusCode, response.Header("Cache-Control"), response.Header("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Behind_tls_the_cookie_goes_over_nothing_else()
    {
        using var browser = new Browser(_house);
        var link = await _house.LinkAsync();

        using var response = await browser.SendAsync(HttpMethod.Post, "/helix/v1/session", $$"""{"link":"{{link}}"}""", request => request.Headers.Add("X-Forwarded-Proto", "https"));

        var cookie = response.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("__Host-helix-session-", cookie, StringComparison.Ordinal);
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task What_would_change_something_is_refused_without_the_token_or_with_another()
    {
        using var browser = await _house.SignInAsync();
        using var other = await _house.SignInAsync();
        var own = browser.Token;
        foreach (var token in new[] { null, "", "x", own![..^1], own + "x", other.Token })
        {
            browser.Token = token;
            Assert.Equal("csrf", await CodeAsync(browser, HttpMethod.Post, "/helix/v1/keys", """{"name":"a","scopes":["infer"]}"""));
            Assert.Equal("csrf", await CodeAsync(browser, HttpMethod.Delete, "/helix/v1/keys/a"));
        }

        browser.Token = own;
        Assert.Equal("not_found", await CodeAsync(browser, HttpMethod.Delete, "/helix/v1/keys/a"));
    }

    [Theory]
    [InlineData("http://evil.example", "cross-site")]
    [InlineData("http://127.0.0.1:1", "same-site")]
    [InlineData("null", "cross-site")]
    [InlineData(null, "same-site")]
    public async Task A_page_from_elsewhere_is_refused_whatever_it_brings(string? origin, string site)
    {
        using var browser = await _house.SignInAsync();
        void Elsewhere(HttpRequestMessage request)
        {
            request.Headers.Remove("Origin");
            request.Headers.Remove("Sec-Fetch-Site");
            if (origin is not null) request.Headers.Add("Origin", origin);
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        Assert.Equal("cross_site", await CodeAsync(browser, HttpMethod.Post, "/helix/v1/keys", """{"name":"a","scopes":["infer"]}""", Elsewhere));
        Assert.Equal("cross_site", await CodeAsync(browser, HttpMethod.Get, "/helix/v1/keys", null, Elsewhere));
        Assert.Equal("cross_site", await CodeAsync(browser, HttpMethod.Post, "/helix/v1/session", $$"""{"link":"{{await _house.LinkAsync()}}"}""", Elsewhere));
        Assert.Equal("cross_site", await CodeAsync(browser, HttpMethod.Get, "/helix/v1/live", null, Elsewhere));
        Assert.Equal("host_not_allowed", await CodeAsync(browser, HttpMethod.Get, "/helix/v1/keys", null, request => request.Headers.Host = "rebound.example:4359"));
    }

    [Fact]
    public async Task A_link_works_once()
    {
        var link = await _house.LinkAsync();
        using var first = new Browser(_house);
        using var second = new Browser(_house);
        using var signedIn = await first.UseAsync(link);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);

        Assert.Equal("bad_link", await CodeAsync(second, HttpMethod.Post, "/helix/v1/session", $$"""{"link":"{{link}}"}"""));
        Assert.True(_house.Host.Refusals.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_link_works_for_ten_minutes()
    {
        var link = await _house.LinkAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        using var browser = new Browser(_house);

        Assert.Equal("bad_link", await CodeAsync(browser, HttpMethod.Post, "/helix/v1/session", $$"""{"link":"{{link}}"}"""));
    }

    [Theory]
    [InlineData("""{"link":""}""", "bad_link")]
    [InlineData("""{"link":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""", "bad_link")]
    [InlineData("""{"link":null}""", "invalid")]
    [InlineData("""{"link":"a","more":1}""", "invalid")]
    [InlineData("[]", "invalid")]
    [InlineData("null", "invalid")]
    [InlineData("{", "invalid")]
    public async Task What_is_no_link_lets_nobody_in(string body, string code)
    {
        using var browser = new Browser(_house);

        Assert.Equal(code, await CodeAsync(browser, HttpMethod.Post, "/helix/v1/session", body));
        Assert.Equal("invalid", await CodeAsync(browser, HttpMethod.Post, "/helix/v1/session", $$"""{"link":"{{new string('a', 5000)}}"}"""));
    }

    [Fact]
    public async Task Opening_a_link_changes_nothing_until_its_page_signs_in()
    {
        var link = await _house.LinkAsync();
        using var browser = new Browser(_house);
        // what stands behind # is not sent; whoever looks at the page before does not use it up
        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync(HttpMethod.Get, "/", null, request => request.Headers.Add("Accept", "text/html")));
        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync(HttpMethod.Get, "/helix/v1/session"));

        using var signedIn = await browser.UseAsync(link);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
    }

    [Fact]
    public async Task Everybody_may_ask_whether_he_is_signed_in_and_is_told_how_to()
    {
        using var browser = new Browser(_house);
        var before = await StateAsync(browser);
        Assert.False(before.SignedIn);
        Assert.Contains("helix dashboard", before.How, StringComparison.Ordinal);
        using var signedIn = await browser.UseAsync(await _house.LinkAsync());

        var after = await StateAsync(browser);
        Assert.True(after is { SignedIn: true, How: null, Session.Current: true });
        // what the page was told when it signed in is told nobody who has the cookie alone
        using var response = await browser.GetAsync("/helix/v1/session");
        Assert.DoesNotContain(browser.Token!, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_signs_out_is_out_and_who_signs_all_out_leaves_nobody()
    {
        using var one = await _house.SignInAsync();
        using var two = await _house.SignInAsync();
        using var three = await _house.SignInAsync();
        Assert.Equal(3, (await _house.Owner.GetFromJsonAsync("/helix/v1/sessions", SessionJson.Default.SessionList))!.Sessions.Count);

        Assert.Equal(HttpStatusCode.OK, await one.StatusAsync(HttpMethod.Delete, "/helix/v1/session"));
        Assert.Equal(HttpStatusCode.OK, await two.StatusAsync(HttpMethod.Delete, $"/helix/v1/sessions/{three.Session!.Id}"));
        Assert.Equal(HttpStatusCode.NotFound, await two.StatusAsync(HttpMethod.Delete, "/helix/v1/sessions/nobody"));

        Assert.Equal(HttpStatusCode.Unauthorized, await one.StatusAsync(HttpMethod.Get, "/helix/v1/keys"));
        Assert.Equal(HttpStatusCode.Unauthorized, await three.StatusAsync(HttpMethod.Get, "/helix/v1/keys"));
        Assert.Equal(HttpStatusCode.OK, await two.StatusAsync(HttpMethod.Get, "/helix/v1/keys"));
        Assert.True((await _house.Owner.DeleteAsync("/helix/v1/sessions")).IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await two.StatusAsync(HttpMethod.Get, "/helix/v1/keys"));
    }

    [Fact]
    public async Task A_browser_that_signs_in_again_has_one_session()
    {
        using var browser = await _house.SignInAsync();
        using var again = await browser.UseAsync(await _house.LinkAsync());

        Assert.Equal(browser.Session!.Id, Assert.Single((await _house.Owner.GetFromJsonAsync("/helix/v1/sessions", SessionJson.Default.SessionList))!.Sessions).Id);
    }

    [Fact]
    public async Task A_session_ends_a_week_after_its_last_use_and_a_month_after_its_beginning()
    {
        using var used = await _house.SignInAsync();
        using var left = await _house.SignInAsync();
        for (var day = 0; day < 29; day++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            Assert.Equal(HttpStatusCode.OK, await used.StatusAsync(HttpMethod.Get, "/helix/v1/keys"));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await left.StatusAsync(HttpMethod.Get, "/helix/v1/keys"));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await used.StatusAsync(HttpMethod.Get, "/helix/v1/keys"));
    }

    [Fact]
    public async Task The_next_daemon_knows_who_is_signed_in()
    {
        using var browser = await _house.SignInAsync();
        var ring = _house.Host.Services.GetRequiredService<SessionRing>();

        Assert.Null(await ring.LoadAsync());

        Assert.Equal(HttpStatusCode.Created, await browser.StatusAsync(HttpMethod.Post, "/helix/v1/keys", """{"name":"a","scopes":["infer"]}"""));
    }

    [Fact]
    public async Task What_is_over_is_not_kept_for_ever()
    {
        using var browser = await _house.SignInAsync();
        _time.Advance(SessionRules.Idle);

        Assert.Null(await _house.Host.Services.GetRequiredService<SessionRing>().LoadAsync());

        Assert.Empty(Assert.IsType<Stored<List<SessionRecord>>.Ok>(await _house.Host.Services.GetRequiredService<SessionTable>().AllAsync()).Value);
    }

    [Fact]
    public async Task The_playground_asks_models_where_they_need_a_key()
    {
        await using var engine = _house.Host.Engine("a", talk => talk.JsonAsync("""{"choices":[]}"""));
        _house.Host.Fleet.Set(_house.Host.Model("m", "a"));
        _house.RequireKeys();
        using var browser = await _house.SignInAsync();

        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync(HttpMethod.Get, "/v1/models"));
        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync(HttpMethod.Post, "/v1/chat/completions", """{"model":"m","messages":[]}"""));
        browser.Token = null;
        Assert.Equal(HttpStatusCode.Forbidden, await browser.StatusAsync(HttpMethod.Post, "/v1/chat/completions", """{"model":"m","messages":[]}"""));
        browser.Cookie = null;
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync(HttpMethod.Get, "/v1/models"));
    }

    [Fact]
    public async Task No_more_browsers_are_signed_in_than_there_is_room_for()
    {
        using var first = await _house.SignInAsync();
        for (var number = 0; number < SessionRules.Most; number++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            (await _house.SignInAsync()).Dispose();
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await first.StatusAsync(HttpMethod.Get, "/helix/v1/keys"));
        Assert.Equal(SessionRules.Most, _house.Host.Services.GetRequiredService<SessionRing>().All().Count);
    }

    private static async Task<SessionState> StateAsync(Browser browser)
    {
        using var response = await browser.GetAsync("/helix/v1/session");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(SessionJson.Default.SessionState))!;
    }

    private static async Task<string> CodeAsync(Browser browser, HttpMethod method, string path, string? json = null, Action<HttpRequestMessage>? more = null)
    {
        using var response = await browser.SendAsync(method, path, json, more);
        return (await response.Content.ReadFromJsonAsync(ApiJson.Default.ApiErrorBody))!.Error.Code;
    }
}
