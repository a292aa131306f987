using System.Collections.Concurrent;
using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.History;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Core.Tuning;
using Helix.Fleet;
using Helix.Processes;
using Helix.Storage;
using Helix.Tests.Fakes;
using Helix.Tuning;
using Helix.Updates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Tuning;

/// <summary>What tuning does with what it measures; the engines are numbers here.</summary>
public sealed class TunerTests : IAsyncLifetime
{
    private static readonly Seat s_seat = new("llamacpp", "m");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero));
    private readonly TemporaryHome _home = new();
    private readonly ConcurrentQueue<HistoryEvent> _told = new();
    private readonly ConcurrentQueue<EngineTuning> _tuned = new();
    private readonly Database _database;
    private readonly TuningTable _table;
    private readonly FixedConfig _config = new();
    private readonly Tuner _tuner;
    private ImmutableArray<RequestShape> _shapes = [.. Enumerable.Repeat(new RequestShape(40, 20, 1), 10)];
    private EngineTuning _now = EngineTuning.None;
    private Func<EngineTuning, double> _seconds = static _ => 1;
    private Func<CancellationToken, Task> _onRound = static _ => Task.CompletedTask;
    private readonly MeasuringTurn _turn = new();
    private readonly ConcurrentQueue<string> _noted = new();
    private string? _spareFails;
    private bool _hasRoom = true;
    private bool _isSelfTest;
    private int _inFlight;
    private int _rounds;
    private TimeSpan? _quiet = TimeSpan.FromMinutes(5);

    public TunerTests()
    {
        _database = new(_home.Home.Database, _time, NullLogger<Database>.Instance);
        _table = new(_database);
        _tuner = new(
            new(
                () => Task.FromResult<ImmutableArray<KnownSeat>>([SeatNow()]),
                (_, tuning) => { _now = tuning; _tuned.Enqueue(tuning); },
                async (spec, then, token) => { if (_spareFails is null) await then(spec, token); return _spareFails; },
                _ => Note("reserve"), _ => Note("try"), _turn,
                RoundAsync, _ => _shapes, () => _inFlight, () => _quiet, _ => "b1", _config, _told.Enqueue, _time),
            _table, () => 0);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        _tuner.Dispose();
        _turn.Dispose();
        await _database.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task A_change_that_is_faster_each_time_is_kept_and_one_that_is_not_is_not_tried_again()
    {
        // the fewer threads the better
        _seconds = tuning => tuning.Number(Tunable.Threads) is { } threads ? 0.5 + threads / 1000.0 : 1;

        var words = new List<string>();
        for (var turn = 0; turn < 6; turn++) words.Add(await _tuner.TurnAsync(Token));

        Assert.Equal("there was nothing to try", words[^1]);
        Assert.Contains("from now on", words[0], StringComparison.Ordinal);
        var tried = ((Stored<List<TuningRow>>.Ok)await _table.TriedAsync()).Value;
        Assert.Equal(tried.Count, tried.DistinctBy(row => (row.Change.Knob, row.Change.To)).Count());
        Assert.Contains(tried, row => row.Kept);
        Assert.Equal(_now, ((Stored<Dictionary<Seat, EngineTuning>>.Ok)await _table.TunedAsync()).Value[s_seat]);
        Assert.All(_told, told => Assert.Equal(HistoryKind.Tuning, told.Kind));
    }

    [Fact]
    public async Task What_brings_nothing_changes_nothing()
    {
        var noise = new Random(7);
        _seconds = _ => 1 + noise.NextDouble();

        Assert.Contains("is not better", await _tuner.TurnAsync(Token), StringComparison.Ordinal);

        Assert.Empty(_tuned);
        Assert.Equal("not_kept", Assert.Single(_told).What);
        Assert.Equal(2 * TuningTrial.Rounds + 2, _rounds);
    }

    [Fact]
    public async Task More_slots_are_tried_where_more_requests_came_at_once()
    {
        _shapes = [.. Enumerable.Repeat(new RequestShape(40, 20, 8), 10)];
        _seconds = tuning => tuning.Number(Tunable.Slots) is 8 ? 0.6 : 1;

        await _tuner.TurnAsync(Token);

        Assert.Equal("slots 8", Assert.Single(_tuned).Words);
        Assert.Contains("8 requests came at once", Assert.Single(((Stored<List<TuningRow>>.Ok)await _table.TriedAsync()).Value).Change.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_ends_a_trial_and_it_is_tried_again_later()
    {
        _onRound = async token =>
        {
            _inFlight = 1;
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
        };

        Assert.Contains("somebody asked meanwhile", await _tuner.TurnAsync(Token), StringComparison.Ordinal);

        Assert.Empty(((Stored<List<TuningRow>>.Ok)await _table.TriedAsync()).Value);
        Assert.Empty(_told);
        (_inFlight, _onRound) = (0, static _ => Task.CompletedTask);
        Assert.Contains("is not better", await _tuner.TurnAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_after_which_it_fails_is_taken_back()
    {
        _seconds = tuning => tuning.IsNone ? 1 : 0.5;
        await _tuner.TurnAsync(Token);
        Assert.False(_now.IsNone);

        _tuner.TakeFault(new("llamacpp-m", "llamacpp", "m", ProviderState.Recovering, "killed", null, 1, _time.GetUtcNow()) { Fault = "it was killed: out of memory" });

        Assert.True(_now.IsNone);
        Assert.Contains("out of memory", Assert.Single(_told, told => told.What == "taken_back").Words, StringComparison.Ordinal);
        Assert.Empty(((Stored<Dictionary<Seat, EngineTuning>>.Ok)await _table.TunedAsync()).Value);
    }

    [Fact]
    public async Task A_fault_long_after_a_change_is_not_its_doing()
    {
        _seconds = tuning => tuning.IsNone ? 1 : 0.5;
        await _tuner.TurnAsync(Token);
        _time.Advance(TimeSpan.FromMinutes(11));

        _tuner.TakeFault(new("llamacpp-m", "llamacpp", "m", ProviderState.Recovering, "killed", null, 1, _time.GetUtcNow()));

        Assert.False(_now.IsNone);
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(1.0, false)]
    public async Task Where_there_is_no_room_for_two_it_is_changed_where_it_is_and_back(double seconds, bool kept)
    {
        _hasRoom = false;
        _seconds = tuning => tuning.IsNone ? 1 : seconds;

        await _tuner.TurnAsync(Token);

        Assert.Equal(kept, !_now.IsNone);
        Assert.False(_tuned.First().IsNone);
        // what goes wrong meanwhile is not the engine's fault
        Assert.Equal(["try", "over"], _noted);
    }

    [Fact]
    public async Task Memory_for_what_runs_beside_is_taken_and_given_back()
    {
        await _tuner.TurnAsync(Token);

        Assert.Equal(["reserve", "over"], _noted);
    }

    [Fact]
    public async Task What_could_not_be_measured_is_tried_again_and_not_for_ever()
    {
        _spareFails = "it was killed";
        Assert.Contains("for now", await _tuner.TurnAsync(Token), StringComparison.Ordinal);
        Assert.Empty(((Stored<List<TuningRow>>.Ok)await _table.TriedAsync()).Value);

        Assert.Contains("for now", await _tuner.TurnAsync(Token), StringComparison.Ordinal);
        Assert.Contains("3 times", await _tuner.TurnAsync(Token), StringComparison.Ordinal);

        Assert.False(Assert.Single(((Stored<List<TuningRow>>.Ok)await _table.TriedAsync()).Value).Kept);
    }

    [Fact]
    public async Task Nothing_is_tried_while_engines_are_measured_by_others()
    {
        Assert.True(_turn.TryTake());

        Assert.Contains("measured already", await _tuner.TurnAsync(Token), StringComparison.Ordinal);
        Assert.Equal(0, _rounds);
    }

    [Fact]
    public async Task Nothing_is_tried_while_somebody_is_answered_or_too_little_was_asked()
    {
        _inFlight = 1;
        Assert.Contains("nothing was tried", await _tuner.TurnAsync(Token), StringComparison.Ordinal);
        (_inFlight, _shapes) = (0, [new(1, 1, 1)]);
        Assert.Equal("there was nothing to try", await _tuner.TurnAsync(Token));
        Assert.Contains("too few requests", _tuner.NextFor(SeatNow(), []).Words, StringComparison.Ordinal);
        (_isSelfTest, _shapes) = (true, [.. Enumerable.Repeat(new RequestShape(40, 20, 1), 10)]);
        Assert.Null(_tuner.NextFor(SeatNow(), []).Change);
        (_isSelfTest, _config.Current) = (false, HelixConfig.Default with { Performance = new(AutoOptimize: false) });
        Assert.Equal("performance.auto_optimize is off", _tuner.NextFor(SeatNow(), []).Words);
        Assert.Equal(0, _rounds);
    }

    [Fact]
    public async Task It_takes_its_turns_by_itself_every_five_minutes_and_none_while_it_is_not_quiet()
    {
        _quiet = TimeSpan.FromSeconds(10);
        for (var minute = 0; minute < 60; minute++) await LookAsync();
        Assert.Equal(0, _rounds);

        _quiet = TimeSpan.FromHours(1);
        var turns = 0;
        for (var minute = 0; minute < 60; minute++)
        {
            var before = _tuner.Ran;
            await LookAsync();
            if (_tuner.Ran != before) turns++;
        }

        Assert.Equal(12, turns);
        Assert.NotEqual(0, _rounds);

        async Task LookAsync()
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await _tuner.LookAsync(Token);
        }
    }

    private Over Note(string what)
    {
        _noted.Enqueue(what);
        return new(_noted);
    }

    private sealed class Over(ConcurrentQueue<string> noted) : IDisposable
    {
        public void Dispose() => noted.Enqueue("over");
    }

    private async Task<MixRound> RoundAsync(MeterTarget target, RequestMix mix, CancellationToken cancellationToken)
    {
        _rounds++;
        await _onRound(cancellationToken);
        // the running one is told from a spare by its socket
        var tuning = target.Endpoint == "/now" ? _now : _spare;
        return new MixRound(null, _seconds(tuning), []);
    }

    private EngineTuning _spare = EngineTuning.None;

    private KnownSeat SeatNow()
    {
        var model = new PlannedModel("m", "/m.gguf", 1_000_000, 1000, 8192, ModelAbilities.Chat, _isSelfTest, default);
        var provider = new PlannedProvider("llamacpp", 10, ["gguf"], [], ModelAbilities.Chat, 0)
        {
            Tunes = [new(Tunable.Slots, 1, 64, 1, [], "restart"), new(Tunable.Threads, 1, 256, 1, [], "restart")],
        };
        var run = new Placement.Run(8192, _now.Number(Tunable.Slots) ?? 4, "") { Tuned = _now };
        return new(s_seat, true, model, provider, run, Spec("/now"), new BuiltinConfig(), Spare, (_, _) => _hasRoom ? new Seating(1) : null, _ => true);

        InstanceSpec Spare(Placement.Run wanted)
        {
            _spare = wanted.Tuned;
            return Spec("/spare");
        }
    }

    private static InstanceSpec Spec(string endpoint) => new("llamacpp-m", "llamacpp", "m", endpoint, 1, ModelAbilities.Chat, new LaunchSpec("llamacpp-m", "/bin/x", [], new Dictionary<string, string>(), "/", "/log"));
}
