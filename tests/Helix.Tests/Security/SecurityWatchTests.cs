using System.Collections.Immutable;
using System.Net;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Install;
using Helix.Core.Processes;
using Helix.Core.Sandbox;
using Helix.Core.Security;
using Helix.Security;
using Helix.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Security;

/// <summary>The watch over a world that the test makes up: what it tells, what it mends, and how often.</summary>
public sealed class SecurityWatchTests : IDisposable
{
    private const uint Us = 1000;

    private readonly TemporaryHome _temporary = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));
    private readonly List<HistoryEvent> _told = [];
    private readonly List<string> _done = [];
    private List<PathFacts> _paths = [];
    private Queue<ImmutableArray<EngineFacts>> _engines = new();
    private ImmutableArray<ReleaseFacts> _releases = [];
    private PresentVersion[] _versions = [];
    private SecurityPast _past = new(new DateTimeOffset(2026, 11, 29, 9, 0, 0, TimeSpan.Zero), []);
    private HelixConfig _config = HelixConfig.Default;
    private string? _rebuildFails;
    private TaskCompletionSource? _rebuilds;
    private int _compared;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IEnumerable<string> Told => _told.Where(each => each.What != SecurityWatch.Looked).Select(each => $"{each.Kind.Word()} {each.What}");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Where_all_is_well_nothing_is_told_but_that_it_was_looked_once_a_day()
    {
        var watch = Watch();

        for (var minute = 0; minute < 3 * 24 * 60; minute++)
        {
            await watch.LookAsync(Token);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(3, _compared);
        Assert.Equal(3, _told.Count);
        Assert.All(_told, each => Assert.Equal((HistoryKind.Security, SecurityWatch.Looked), (each.Kind, each.What)));
        Assert.Contains("all is as it should be", _told[0].Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_that_others_have_is_taken_away_and_said()
    {
        _paths = [new("/h/db", PathNeed.OwnerOnly, Us, 0x1a4, IsReachable: true)];
        var watch = Watch();

        var state = await watch.LookAsync(thorough: false, Token);

        Assert.Equal(["close /h/db 180"], _done);
        Assert.Equal(["security permissions", "alert permissions"], Told);
        Assert.Contains("helix took the rights away", _told[0].Words, StringComparison.Ordinal);
        Assert.NotNull(Assert.Single(state.Findings).Done);
        _paths = [];
        await watch.LookAsync(thorough: false, Token);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public async Task What_cannot_be_mended_is_told_once_and_again_when_it_is_gone_over_a_restart_too()
    {
        _paths = [new("/h/db", PathNeed.OwnerOnly, 7, 0x180, IsReachable: true)];
        var watch = Watch();
        for (var look = 0; look < 5; look++) await watch.LookAsync(thorough: false, Token);
        Assert.Equal(["security owner", "alert owner"], Told);
        Assert.Contains("\"open\":[\"owner /h/db\"]", Assert.Single(_told, each => each.What == SecurityWatch.Looked).Data, StringComparison.Ordinal);

        _past = _past with { Open = ["owner /h/db"] };
        watch = Watch();
        await watch.LookAsync(thorough: false, Token);
        Assert.Equal(["security owner", "alert owner"], Told);

        _paths = [];
        await watch.LookAsync(thorough: false, Token);
        Assert.Equal("security cleared", Told.Last());
    }

    [Fact]
    public async Task An_engine_is_looked_at_twice_before_it_is_suspected()
    {
        _engines = new([[Listening()], []]);

        await Watch().LookAsync(thorough: false, Token);

        Assert.Empty(Told);
        Assert.Empty(_done);
    }

    [Fact]
    public async Task An_engine_that_can_be_reached_is_started_anew_once_a_day_and_told_when_that_did_not_help()
    {
        _engines = new(Enumerable.Repeat<ImmutableArray<EngineFacts>>([Listening()], 100));
        var watch = Watch();

        await watch.LookAsync(thorough: false, Token);
        Assert.Equal(["end x-m"], _done);
        Assert.Contains("helix ends it and starts it anew", _told[0].Words, StringComparison.Ordinal);
        Assert.Null(Assert.Single(watch.State.Findings).Done);
        for (var look = 0; look < 5; look++)
        {
            _time.Advance(TimeSpan.FromMinutes(10));
            await watch.LookAsync(thorough: false, Token);
        }

        Assert.Equal(["end x-m"], _done);
        Assert.Equal(["security engine_listens", "alert engine_listens", "security engine_listens", "alert engine_listens"], Told);
        Assert.Contains("helix local-llm stop x", _told[^2].Words, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromDays(1));
        await watch.LookAsync(thorough: false, Token);
        Assert.Equal(["end x-m", "end x-m"], _done);
        Assert.Equal(6, Told.Count());
    }

    [Fact]
    public async Task An_engine_that_is_started_anew_is_well_only_when_a_look_has_seen_it()
    {
        _engines = new([[Listening()], [Listening()], []]);
        var watch = Watch();

        await watch.LookAsync(thorough: false, Token);
        Assert.Equal(["security engine_listens", "alert engine_listens"], Told);

        await watch.LookAsync(thorough: false, Token);
        Assert.Equal("security cleared", Told.Last());
        Assert.Empty(watch.State.Findings);
    }

    [Fact]
    public async Task A_change_of_the_settings_says_nothing_of_an_engine_that_was_found_before_it()
    {
        _engines = new(Enumerable.Repeat<ImmutableArray<EngineFacts>>([Listening()], 10));
        var watch = Watch();
        await watch.LookAsync(thorough: false, Token);
        _config = _config with { Security = new(RequireKey: true) };

        await watch.LookAsync(thorough: false, Token);
        Assert.Equal(["security engine_listens", "alert engine_listens"], Told);

        await watch.LookAsync(thorough: false, Token);
        Assert.Equal(["security engine_listens", "alert engine_listens", "security engine_listens", "alert engine_listens"], Told);
    }

    [Fact]
    public async Task What_was_just_changed_in_the_settings_is_given_time_until_the_next_look()
    {
        var watch = Watch();
        await watch.LookAsync(thorough: false, Token);
        _config = _config with { Security = new(RequireKey: true) };
        _engines = new(Enumerable.Repeat<ImmutableArray<EngineFacts>>([Listening()], 10));

        Assert.Equal(["x-m"], (await watch.LookAsync(thorough: false, Token)).Engines);
        Assert.Empty(_done);
        await watch.LookAsync(thorough: false, Token);
        Assert.Equal(["end x-m"], _done);
    }

    [Fact]
    public async Task A_changed_release_is_told_of_before_it_is_made_again_and_its_engines_are_started_anew()
    {
        _releases = [new("x", "1", "/h/x/1", ReleaseOrigin.Current, new(["bin/server"], [], []))];
        var watch = Watch();

        var state = await watch.LookAsync(thorough: true, Token);

        Assert.Equal(["rebuild x, told of 3", "renew x"], _done);
        Assert.Equal(["security release_changed", "alert release_changed", "security mended"], Told);
        Assert.Equal(Severity.Critical, _told[1].Severity);
        Assert.Empty(state.Findings);
    }

    [Fact]
    public async Task A_changed_release_that_cannot_be_made_again_stays_open_and_is_not_tried_over_and_over()
    {
        _releases = [new("x", "1", "/h/x/1", ReleaseOrigin.Current, new(["bin/server"], [], []))];
        _rebuildFails = "there is no network";
        var watch = Watch();

        for (var look = 0; look < 3; look++) Assert.Single((await watch.LookAsync(thorough: true, Token)).Findings);

        Assert.Equal(["rebuild x, told of 3"], _done);
        Assert.Equal(["security release_changed", "alert release_changed", "security mending_failed"], Told);
    }

    [Fact]
    public async Task What_an_earlier_daemon_found_in_a_release_is_compared_at_once_and_is_not_well_before_that()
    {
        _releases = [new("x", "0", "/h/x/0", ReleaseOrigin.Kept, new(["bin/server"], [], []))];
        _past = _past with { Open = ["release_changed x 0", "advisories_refused https://lists.example/a"] };
        var watch = Watch();

        await watch.LookAsync(thorough: false, Token);
        Assert.Empty(Told);

        await watch.LookAsync(thorough: null, Token);
        Assert.Equal(1, _compared);
        Assert.Equal(["security cleared"], Told);
        Assert.Equal("https://lists.example/a", _told.Single(each => each.What == FindingChanges.Cleared).Subject);

        _releases = [];
        await watch.LookAsync(thorough: true, Token);
        Assert.Equal(["security cleared", "security cleared"], Told);
    }

    [Fact]
    public async Task Who_asked_for_a_look_may_leave_and_what_was_begun_is_brought_to_its_end()
    {
        _releases = [new("x", "1", "/h/x/1", ReleaseOrigin.Current, new(["bin/server"], [], []))];
        _rebuilds = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = new CancellationTokenSource();
        var look = Watch().LookAsync(thorough: true, client.Token);
        await Eventually.TrueAsync(() => _done.Count == 1, "the release is made again");

        await client.CancelAsync();
        _rebuilds.SetResult();

        Assert.Empty((await look).Findings);
        Assert.Equal(["rebuild x, told of 3", "renew x"], _done);
        Assert.Equal("security mended", Told.Last());
    }

    [Fact]
    public async Task A_watch_that_ends_does_not_wait_for_a_release_that_is_made_again()
    {
        _releases = [new("x", "1", "/h/x/1", ReleaseOrigin.Current, new(["bin/server"], [], []))];
        _rebuilds = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = new CancellationTokenSource();
        var look = Watch().LookAsync(thorough: true, Token, watch.Token);
        await Eventually.TrueAsync(() => _done.Count == 1, "the release is made again");

        await watch.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => look);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Where_helix_may_not_heal_or_install_it_only_tells(bool heals, bool installs)
    {
        _config = _config with { Health = new(AutoRecovery: heals), AutoManager = new(AutoInstall: installs) };
        _releases = [new("x", "1", "/h/x/1", ReleaseOrigin.Current, new(["bin/server"], [], []))];

        await Watch().LookAsync(thorough: true, Token);

        Assert.Empty(_done);
        Assert.Equal(["security release_changed", "alert release_changed"], Told);
    }

    [Fact]
    public async Task Releases_that_are_not_in_use_and_helix_itself_are_not_made_again_by_themselves()
    {
        var changes = new FileChanges(["a"], [], []);
        _releases = [new("x", "0", "/h/x/0", ReleaseOrigin.Kept, changes), new("builtin", "vulkan-1", "/h/v", ReleaseOrigin.Variant, changes), new("builtin", "helix-1", "/h/p", ReleaseOrigin.Helix, changes)];

        await Watch().LookAsync(thorough: true, Token);

        Assert.Empty(_done);
        Assert.Equal(3, _told.Count(each => each.Kind == HistoryKind.Alert));
    }

    [Fact]
    public async Task A_version_with_a_known_vulnerability_is_an_alert()
    {
        _versions = [new("vllm", "0.9.2+cpu")];

        await Watch().LookAsync(thorough: false, Token);

        Assert.Equal(["security known_vulnerable", "alert known_vulnerable"], Told);
        Assert.Equal("vllm", _told[1].Provider);
    }

    [Fact]
    public async Task Switched_off_it_looks_only_when_it_is_asked()
    {
        _config = _config with { Security = new(Watch: false) };
        _paths = [new("/h/db", PathNeed.OwnerOnly, Us, 0x1a4, IsReachable: true)];
        var watch = Watch();

        await watch.LookAsync(Token);
        Assert.Null(watch.State.Looked);

        await watch.LookAsync(thorough: false, Token);
        Assert.Equal(_time.GetUtcNow(), watch.State.Looked);
    }

    [Fact]
    public async Task What_was_missed_while_helix_was_off_is_made_up_at_the_first_look()
    {
        _past = _past with { Compared = _time.GetUtcNow().AddDays(-3) };

        await Watch().LookAsync(thorough: null, Token);

        Assert.Equal(1, _compared);
    }

    private static EngineFacts Listening() => new(
        "x-m", "x", null,
        [new EngineProcess(10, 0, 1, "/h/x/1/server", new ProcStatus(Us, true, 2, 0), ImmutableDictionary<string, string>.Empty, [new IPEndPoint(IPAddress.Any, 8000)])]);

    private SecurityWatch Watch()
    {
        var eyes = new SecurityEyes(
            () => _paths, () => _engines.TryDequeue(out var engines) ? engines : [], () => new(SandboxTier.None, false, Us, true, ImmutableDictionary<string, string>.Empty),
            _ =>
            {
                _compared++;
                return Task.FromResult(_releases);
            },
            () => _versions, new AdvisoryShelf(_temporary.Home, null, () => _config.Security), _ => [], _ => Task.CompletedTask);
        var hands = new SecurityHands(
            (path, mode) =>
            {
                _done.Add($"close {path.Path} {mode:x}");
                return null;
            },
            async id =>
            {
                _done.Add($"rebuild {id}, told of {_told.Count}");
                if (_rebuilds is { } rebuilds) await rebuilds.Task;
                return _rebuildFails;
            },
            id => _done.Add($"renew {id}"), name => _done.Add($"end {name}"), () => _config);
        return new(eyes, hands, new(() => Task.FromResult(_past), _told.Add), _time, () => 0, NullLogger<SecurityWatch>.Instance);
    }
}
