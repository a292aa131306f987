using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>The dashboard of the published program, as its page uses it.</summary>
public sealed class DashboardTests
{
    private const string Builtin = "builtin";
    private const string Instance = "builtin-helix-selftest";
    private const string Chat = """{"messages":[{"role":"user","content":"Hi"}],"stream":true}""";

    private static readonly string s_page = Path.Combine(Binary.Repository, "ui", "dist", "index.html");

    [Fact]
    public async Task A_browser_signs_in_by_the_link_and_sees_what_there_is_and_what_changes()
    {
        await using var home = await StartedAsync();
        var link = await LinkAsync(home);
        var begun = TimeProvider.System.GetTimestamp();
        var (page, _) = await DashboardPage.SignInAsync(link);
        using var signedIn = page!;
        using var live = await signedIn.FollowAsync();

        await live.UntilAsync(shown => (string?)shown["providers", Builtin]?["state"] == "ready", "the built-in engine is ready");
        Ring.Say(string.Create(CultureInfo.InvariantCulture, $"signed in and told everything after {TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds:0} ms, {live.Length} bytes"));

        Assert.Equal(13, live.State["providers"]!.AsObject().Count(provider => !(bool)provider.Value!["attached"]!));
        Assert.Equal(["process ok", "endpoint ok", "identity ok", "token ok"], live["instances", Instance]!["health"]!.AsArray().Select(step => $"{step!["step"]} {step["state"]}"));
        Assert.Equal(home.Gateway.Address, new Uri((string)live["helix", "self"]!["address"]!));
        Assert.True((long)live["machine", "memory"]!["total_bytes"]! > 0);
        Assert.Contains("stop", live["providers", Builtin]!["actions"]!.AsArray().Select(action => (string?)action));
        await live.UntilAsync(shown => shown.State["automations"] is JsonObject { Count: 6 }, "what helix does by itself");
        await live.UntilAsync(shown => shown.State["events"] is JsonObject { Count: > 0 }, "what happened");

        var stopping = signedIn.SendAsync(HttpMethod.Post, $"/helix/v1/providers/{Builtin}/stop");
        await live.UntilAsync(shown => (string?)shown["providers", Builtin]?["state"] == "standby", "it is stopped");
        (await stopping).Is(200);
        var starting = signedIn.SendAsync(HttpMethod.Post, $"/helix/v1/providers/{Builtin}/start");
        await live.UntilAsync(shown => (string?)shown["instances", Instance]?["state"] == "ready", "it is back");
        var late = TimeProvider.System.GetUtcNow() - DateTimeOffset.Parse((string)live["instances", Instance]!["since"]!, CultureInfo.InvariantCulture);
        (await starting).Is(200);
        Ring.Say(string.Create(CultureInfo.InvariantCulture, $"shown {late.TotalMilliseconds:0} ms after it happened"));
        Assert.True(late < TimeSpan.FromSeconds(1), $"shown only {late} after it happened");
    }

    [Fact]
    public async Task Requests_show_as_they_pass_and_where_they_went()
    {
        await using var home = await StartedAsync();
        var (page, _) = await DashboardPage.SignInAsync(await LinkAsync(home));
        using var signedIn = page!;
        using var live = await signedIn.FollowAsync();
        await live.NextAsync();

        var answer = (await signedIn.SendAsync(HttpMethod.Post, "/v1/chat/completions", Chat)).Is(200);

        await live.UntilAsync(shown => (long?)shown["figures", Builtin]?["requests"] > 0 && shown.State["routes"] is JsonObject { Count: > 0 } && shown.State["minutes"] is JsonObject { Count: > 0 }, "a request has passed");
        var route = live.State["routes"]!.AsObject().Last().Value!;
        Assert.Equal((answer.Header("x-request-id"), Builtin), ((string?)route["request"], (string?)route["provider"]));
        await live.UntilAsync(shown => shown.State["performance"] is JsonObject { Count: > 0 }, "how fast it was");
        await live.UntilAsync(shown => shown.State["performance_minutes"] is JsonObject { Count: > 0 } && shown.State["machine_minutes"] is JsonObject { Count: > 0 }, "minutes of it, and of the machine");
        Assert.True((double)live.State["performance"]!.AsObject().First().Value!["first_token_ms"]!["p50"]! > 0);
    }

    [Fact]
    public async Task Who_is_signed_in_stays_so_over_a_restart_and_follows_the_next_daemon()
    {
        await using var home = await StartedAsync();
        var (page, _) = await DashboardPage.SignInAsync(await LinkAsync(home));
        using var signedIn = page!;
        string last;
        using (var live = await signedIn.FollowAsync())
        {
            await live.UntilAsync(shown => shown["helix", "self"] is not null, "which daemon it is");
            var before = (int)live["helix", "self"]!["pid"]!;
            var restarting = home.HelixAsync("restart");
            // the old one lets go: a page that stayed would hold it for as long as it looks
            while (await live.NextAsync() is not null) { }

            (await restarting).Succeeded();
            last = live.Id!;
            // a connection that was kept leads to the old one still, which ends at once: a browser comes again then
            await Eventually.TrueAsync(
                async () =>
                {
                    using var next = await signedIn.FollowAsync(last);
                    return await next.NextAsync() == "snapshot" && (int)next["helix", "self"]!["pid"]! != before;
                },
                "the next daemon to show what there is");
        }

        (await signedIn.SendAsync(HttpMethod.Post, "/helix/v1/keys", """{"name":"a","scopes":["infer"]}""")).Is(201);
        (await home.HelixAsync("dashboard", "--sign-out-all")).Succeeded();
        (await signedIn.SendAsync(HttpMethod.Get, "/helix/v1/keys")).Is(401);
    }

    [Fact]
    public async Task Nobody_else_gets_in()
    {
        await using var home = await StartedAsync();
        var link = await LinkAsync(home);
        var (page, _) = await DashboardPage.SignInAsync(link);
        using var signedIn = page!;

        Assert.Equal(HttpStatusCode.Unauthorized, (await DashboardPage.SignInAsync(link)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await DashboardPage.SignInAsync(link[..^4] + "AAAA")).Status);
        (await signedIn.SendAsync(HttpMethod.Post, "/helix/v1/start-all", null, ("Origin", "http://evil.example"))).Is(403);
        (await signedIn.SendAsync(HttpMethod.Get, "/helix/v1/live", null, ("Sec-Fetch-Site", "cross-site"))).Is(403);
        (await signedIn.SendAsync(HttpMethod.Get, "/helix/v1/keys", null, ("Host", "rebound.example"))).Is(403);
        var token = signedIn.Token;
        signedIn.Token = null;
        (await signedIn.SendAsync(HttpMethod.Post, "/helix/v1/start-all")).Is(403);
        (await signedIn.SendAsync(HttpMethod.Put, "/helix/v1/settings/health.check_interval", """{"value":"31"}""")).Is(403);
        signedIn.Token = token;
        (await signedIn.SendAsync(HttpMethod.Put, "/helix/v1/settings/health.check_interval", """{"value":"31"}""")).Is(200);
        (await home.Gateway.GetAsync("/helix/v1/live")).Is(401);

        var index = await home.Gateway.SendAsync(HttpMethod.Get, "/", null, ("Accept", "text/html"));
        Assert.Equal(await File.ReadAllTextAsync(s_page, TestContext.Current.CancellationToken), index.Is(200).Body);
        Assert.Contains("frame-ancestors 'none'", index.Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dashboard_has_a_port_of_its_own_where_it_is_wanted()
    {
        await using var home = new TempHome();
        Assert.SkipUnless(File.Exists(s_page), "the dashboard is not built here");
        var port = TempHome.FreePort();
        (await home.HelixAsync("start", "--monitor-port", $"{port}")).Succeeded();
        var monitor = new Gateway(new Uri($"http://127.0.0.1:{port}"));
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await monitor.GetAsync("/helix/v1/session")).Status == 200;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the dashboard's own port is open");

        var (page, _) = await DashboardPage.SignInAsync(await LinkAsync(home));
        using var signedIn = page!;
        (await signedIn.SendAsync(HttpMethod.Get, "/helix/v1/status")).Is(200);
        (await monitor.PostAsync("/v1/chat/completions", Chat)).Is(403);
        (await signedIn.SendAsync(HttpMethod.Post, "/v1/chat/completions", Chat)).Is(200);
    }

    private static async Task<TempHome> StartedAsync()
    {
        Assert.SkipUnless(File.Exists(s_page), "the dashboard is not built here");
        var home = new TempHome();
        var started = (await home.HelixAsync("start")).Succeeded();
        Assert.Contains("/#/sign-in/", started.Out, StringComparison.Ordinal);
        return home;
    }

    private static async Task<string> LinkAsync(TempHome home) => (await home.HelixAsync("dashboard", "--no-browser")).Succeeded().Out.Trim();
}
