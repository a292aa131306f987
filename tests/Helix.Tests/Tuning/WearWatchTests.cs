using System.Collections.Concurrent;
using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.History;
using Helix.Core.Planning;
using Helix.Core.Sandbox;
using Helix.Fleet;
using Helix.Processes;
using Helix.Tuning;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Tuning;

public sealed class WearWatchTests : IDisposable
{
    private static readonly PlannedModel s_model = new("m", "/m.gguf", 100_000_000, 50_000, 8192, ModelAbilities.Chat, false, default);
    private static readonly Placement.Run s_run = new(8192, 4, "");
    private static readonly PlannedProvider s_provider = new("builtin", 20, ["gguf"], [], ModelAbilities.Chat, 100_000_000);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentQueue<HistoryEvent> _told = new();
    private readonly List<string> _renewed = [];
    private readonly List<string> _ended = [];
    private readonly View _view = new();
    private readonly WearWatch _watch;
    private bool _isWanted = true;
    private bool _isLimited = true;
    private int _inFlight;

    public WearWatchTests() => _watch = new(new(_view, () => Task.FromResult<ImmutableArray<KnownSeat>>([Known()]), _ => _inFlight, (_, why) => _renewed.Add(why), (name, why) => _ended.Add($"{name} {why}"), () => _isWanted, () => _isLimited, _told.Enqueue, _time));

    public void Dispose() => _watch.Dispose();

    [Fact]
    public async Task One_that_leaks_is_started_anew_in_time_and_in_a_moment_in_which_it_answers_nobody()
    {
        var limit = SandboxMemory.Of(s_model, s_run, s_provider.ProcessBytes);
        _inFlight = 1;
        // at its limit in two hours
        for (var minute = 0; minute < 60; minute++) await MinuteAsync(limit * 2 / 3 + limit / 3 * minute / 120);
        Assert.Empty(_renewed);

        _inFlight = 0;
        await MinuteAsync(limit * 5 / 6);

        Assert.Contains("would come to its limit", Assert.Single(_renewed), StringComparison.Ordinal);
        Assert.Equal((HistoryKind.Healing, "renewed"), (Assert.Single(_told).Kind, _told.First().What));
        // the new one is watched from its own begin
        await MinuteAsync(limit / 3);
        Assert.Single(_renewed);
    }

    [Fact]
    public async Task One_that_fills_its_cache_and_stays_is_left_alone()
    {
        for (var minute = 0; minute < 180; minute++) await MinuteAsync(Math.Min(300_000_000 + minute * 30_000_000L, 1_800_000_000));

        Assert.Empty(_renewed);
    }

    [Fact]
    public async Task One_that_fails_after_each_hour_is_started_anew_before_the_next()
    {
        for (var life = 0; life < 3; life++)
        {
            for (var minute = 0; minute < 60; minute++) await MinuteAsync(1_000_000_000);
            Assert.Empty(_renewed);
            _watch.TakeFault(_view.Current.Instances[0]);
            _view.Pid++;
        }

        for (var minute = 0; minute < 50; minute++) await MinuteAsync(1_000_000_000);

        Assert.Contains("failed 3 times after about 60 minutes", Assert.Single(_renewed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_some_rounds_it_has_to_show_whether_it_still_fails()
    {
        for (var life = 0; life < 3; life++)
        {
            for (var minute = 0; minute < 60; minute++) await MinuteAsync(1_000_000_000);
            _watch.TakeFault(_view.Current.Instances[0]);
            _view.Pid++;
        }

        for (var minute = 0; minute < 600; minute++)
        {
            var before = _renewed.Count;
            await MinuteAsync(1_000_000_000);
            if (_renewed.Count > before) _view.Pid++;
        }

        Assert.Equal(5, _renewed.Count);
    }

    [Fact]
    public async Task Nothing_is_started_anew_where_recovery_is_switched_off()
    {
        (_isWanted, _isLimited) = (false, false);
        for (var minute = 0; minute < 120; minute++) await MinuteAsync(4_000_000_000 + minute * 30_000_000L);

        Assert.Empty(_renewed);
    }

    [Fact]
    public async Task One_that_is_beyond_its_limit_is_started_anew_at_once_whomever_it_answers()
    {
        var limit = SandboxMemory.Of(s_model, s_run, s_provider.ProcessBytes);
        (_inFlight, _isWanted, _isLimited) = (1, false, false);
        await MinuteAsync(limit + 1);
        _isLimited = true;
        await MinuteAsync(limit);
        Assert.Empty(_ended);

        await MinuteAsync(limit + 1);

        Assert.StartsWith("builtin-m started anew: ", Assert.Single(_ended), StringComparison.Ordinal);
        Assert.Equal("over_limit", Assert.Single(_told).What);
    }

    private async Task MinuteAsync(long bytes)
    {
        _view.Bytes = bytes;
        await _watch.LookAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
    }

    private static KnownSeat Known()
    {
        var spec = new InstanceSpec("builtin-m", "builtin", "m", "/s", 1, ModelAbilities.Chat, new LaunchSpec("builtin-m", "/bin/x", [], new Dictionary<string, string>(), "/", "/log"));
        return new(new("builtin", "m"), true, s_model, s_provider, s_run, spec, new BuiltinConfig(), _ => spec, (_, _) => null, _ => true);
    }

    private sealed class View : IFleetView
    {
        public long Bytes { get; set; }

        public int Pid { get; set; } = 1;

        public FleetSnapshot Current => FleetSnapshot.Empty with { Instances = [new("builtin-m", "builtin", "m", ProviderState.Ready, "", Pid, 0, default) { MeasuredBytes = Bytes }] };

        public Task ChangedAsync(long version, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

        public Task Left => Task.CompletedTask;

        public void Want(string model, string? provider = null)
        {
        }
    }
}
