using Helix.Core.Manifests;
using Helix.Core.Updates;
using Helix.Install;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Install;

/// <summary>A mirror on loopback stands for GitHub, and scripts for npm and pip.</summary>
public sealed class NewestLookTests : IAsyncLifetime
{
    private static readonly (string, NewerVersions)[] s_releases = [("mine", new("github-releases", "owner/mine", "v"))];

    private readonly InstallStand _stand = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private FileServer _server = null!;
    private NewestLook _look = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        _stand.Mirrors.Add($"https://api.github.com/={_server.Url}/");
        _server.Files["/repos/owner/mine/releases/latest"] = "{\"tag_name\": \"v1.9\"}"u8.ToArray();
        _look = new NewestLook(_stand.Ground, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _look.Dispose();
        await _server.DisposeAsync();
        _stand.Dispose();
    }

    [Fact]
    public async Task A_release_page_is_asked_once_an_hour_and_then_only_whether_it_changed()
    {
        var conditions = new List<string>();
        _server.Before = context =>
        {
            context.Response.Headers.ETag = "\"one\"";
            conditions.Add(context.Request.Headers.IfNoneMatch.ToString());
            if (conditions[^1].Length == 0) return Task.FromResult(false);
            context.Response.StatusCode = 304;
            return Task.FromResult(true);
        };

        Assert.Equal(new NewestFound("1.9", _time.GetUtcNow(), null) { FirstSeen = _time.Start }, await AskAsync());
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("1.9", (await AskAsync()).Version);
        Assert.Single(conditions);
        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(new NewestFound("1.9", _time.GetUtcNow(), null) { FirstSeen = _time.Start }, await AskAsync());
        Assert.Equal(["", "\"one\""], conditions);
    }

    [Fact]
    public async Task A_host_that_refuses_is_left_alone_for_a_day_also_by_the_next_daemon()
    {
        _server.Before = context =>
        {
            context.Response.StatusCode = 403;
            return Task.FromResult(true);
        };
        Assert.EndsWith("answers with HTTP 403; it is left alone for a day", (await AskAsync()).Problem);
        _server.Before = static _ => Task.FromResult(false);
        _time.Advance(TimeSpan.FromHours(23));

        using var next = new NewestLook(_stand.Ground, _time);
        var found = await next.AskAsync(s_releases, Token);

        Assert.EndsWith("refused lately; it is asked again after 2026-03-11 12:00 UTC", found["mine"].Problem);
        Assert.Single(_server.Asked);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal("1.9", (await AskAsync()).Version);
    }

    [Fact]
    public async Task Sources_at_one_host_take_turns_one_an_hour()
    {
        (string, NewerVersions)[] two = [.. s_releases, ("yours", new("github-releases", "owner/yours", "v"))];
        _server.Files["/repos/owner/yours/releases/latest"] = "{\"tag_name\": \"v2.0\"}"u8.ToArray();

        var first = await _look.AskAsync(two, Token);
        Assert.Equal(("1.9", null), (first["mine"].Version, first["mine"].Problem));
        Assert.Equal((null, $"it was not asked yet: {new Uri(_server.Url).Authority} is asked once an hour, for one provider after another"), (first["yours"].Version, first["yours"].Problem));
        await _look.AskAsync(two, Token);
        Assert.Single(_server.Asked);

        _time.Advance(TimeSpan.FromHours(1));
        var second = await _look.AskAsync(two, Token);

        Assert.Equal(["/repos/owner/mine/releases/latest", "/repos/owner/yours/releases/latest"], _server.Asked);
        Assert.Equal(new NewestFound("2.0", _time.GetUtcNow(), null) { FirstSeen = _time.GetUtcNow() }, second["yours"]);
        // what was seen before is told meanwhile, and when
        Assert.Equal(new NewestFound("1.9", _time.Start, null) { FirstSeen = _time.Start }, second["mine"]);
    }

    [Fact]
    public async Task A_source_that_did_not_answer_is_not_asked_again_at_once()
    {
        _server.Files.Clear();

        var problem = (await AskAsync()).Problem;
        Assert.NotNull(problem);
        Assert.Equal(problem, (await AskAsync()).Problem);

        Assert.Single(_server.Asked);
        _time.Advance(TimeSpan.FromHours(1));
        await AskAsync();
        Assert.Equal(2, _server.Asked.Count);
    }

    [Fact]
    public async Task A_registry_that_refuses_a_client_is_left_alone_for_a_day()
    {
        (string, NewerVersions)[] packages = [("gpt4all", new("npm", "gpt4all", "")), ("vllm", new("python", "vllm", ""))];
        _stand.Script("npm", "echo 'npm error code E429' >&2; exit 1");
        _stand.Script("python3", "while [ \"$1\" != --log ]; do shift; done; echo '2026-03-10T12:00:00,000 Could not fetch URL x: 429 Client Error: Too Many Requests for url: x - skipping' > \"$2\"; echo 'ERROR: No matching distribution found for vllm' >&2; exit 1");

        Assert.All(await _look.AskAsync(packages, Token), found => Assert.EndsWith("registry refuses; it is left alone for a day", found.Value.Problem));
        _time.Advance(TimeSpan.FromHours(23));

        Assert.All(await _look.AskAsync(packages, Token), found => Assert.EndsWith("refused lately; it is asked again after 2026-03-11 12:00 UTC", found.Value.Problem));
    }

    [Fact]
    public async Task Notes_of_an_older_helix_are_read()
    {
        Directory.CreateDirectory(_stand.Ground.Home.State);
        await File.WriteAllTextAsync(
            Path.Combine(_stand.Ground.Home.State, "newest.json"),
            """{"sources": {"https://api.github.com/repos/owner/mine/releases/latest": {"version": "1.8", "tag": null, "asked": "2026-03-09T12:00:00+00:00", "first_seen": "2026-03-08T12:00:00+00:00"}}, "paused": {}}""", Token);

        var found = await AskAsync();

        Assert.Equal(("1.9", _time.Start), (found.Version, found.FirstSeen));
        Assert.Equal([new SeenVersion("1.8", _time.Start.AddDays(-2))], found.Earlier!);
        Assert.Equal(found.Earlier, (await AskAsync()).Earlier!);
    }

    [Fact]
    public async Task Offline_nobody_is_asked_and_what_was_known_is_told()
    {
        await AskAsync();
        _stand.Offline = true;
        _time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(new NewestFound("1.9", _time.GetUtcNow().AddHours(-2), "offline is on, so it was not asked") { FirstSeen = _time.Start }, await AskAsync());
        Assert.Single(_server.Asked);
    }

    [Fact]
    public async Task Npm_and_pip_are_asked_with_their_own_settings_and_a_failure_is_told_in_its_row()
    {
        _stand.Script("npm", "[ \"$1 $2 $3\" = 'view gpt4all version' ] && echo 4.0.1");
        _stand.Script("python3", "echo 'ERROR: No matching distribution found for vllm' >&2; exit 1");

        var found = await _look.AskAsync([("gpt4all", new("npm", "gpt4all", "")), ("vllm", new("python", "vllm", ""))], Token);

        Assert.Equal("4.0.1", found["gpt4all"].Version);
        Assert.Equal((null, "python3: ERROR: No matching distribution found for vllm"), (found["vllm"].Version, found["vllm"].Problem));
    }

    private async Task<NewestFound> AskAsync() => (await _look.AskAsync(s_releases, Token))["mine"];
}
