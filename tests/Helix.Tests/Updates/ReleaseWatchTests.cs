using Helix.Core.Fleet;
using Helix.Core.Updates;
using Helix.Fleet;
using Helix.Updates;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Updates;

public sealed class ReleaseWatchTests
{
    private static readonly Measurement[] s_fast = [new(null, TimeSpan.FromMilliseconds(50), 100, 32)];
    private static readonly Measurement[] s_slow = [new(null, TimeSpan.FromMilliseconds(50), 20, 32)];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero));
    private readonly View _view = new();
    private readonly List<int?> _asked = [];
    private readonly ReleaseWatch _watch;
    private ErrorCount _errors = new(100, 0);
    private IReadOnlyList<Measurement> _answers = s_fast;
    private bool _isInUse = true;

    public ReleaseWatchTests()
    {
        _watch = new(_view, _ => _errors, AskAsync, _time);
        _view.Become("1.0", 10, isServed: true);

        Task<IReadOnlyList<Measurement>> AskAsync(MeterTarget target, CancellationToken cancellationToken)
        {
            _asked.Add(_view.Current.Instances[0].Pid);
            return Task.FromResult(_answers);
        }
    }

    [Fact]
    public async Task A_slow_release_is_found_once_its_own_engine_serves()
    {
        _answers = s_slow;
        var watched = Watch(new(null, "", s_fast, "m"));
        // in use, and the old engine answers still; then that ends, and the new one loads
        await AdvanceAsync("2.0", 10, isServed: true);
        await AdvanceAsync("2.0", 10, isServed: false);
        await AdvanceAsync("2.0", null, isServed: false);
        await AdvanceAsync("2.0", 11, isServed: false);
        Assert.Empty(_asked);
        Assert.False(watched.IsCompleted);

        _view.Become("2.0", 11, isServed: true);

        Assert.Equal("it gives 20 tokens a second, and the release before gave 100", (await EndAsync(watched))!.Fault);
        Assert.All(_asked, pid => Assert.Equal(11, pid));
    }

    [Fact]
    public async Task One_that_cannot_be_asked_is_not_called_good_but_not_compared()
    {
        var watched = Watch(new(null, "", s_fast, "m"));
        _view.Become("2.0", 11, isServed: false);

        Assert.Equal((null, "since the switch it had no request; it could not be asked the same as the one before"), await EndAsync(watched) is var end ? (end!.Fault, end.Words) : default);
        // a large model may take longer to load than its errors are watched
        Assert.InRange(_time.GetUtcNow() - _time.Start, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(16));
    }

    [Fact]
    public async Task One_that_fails_those_who_ask_it_is_found_before_the_watch_is_over()
    {
        var watched = Watch(new(null, "", []));
        await AdvanceAsync("2.0", 11, isServed: true);
        _errors = new(108, 6);

        Assert.Equal("since the switch it had 8 requests, of which 6 failed; the release before had 100 requests, of which 0 failed", (await EndAsync(watched))!.Fault);
        Assert.InRange(_time.GetUtcNow() - _time.Start, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task What_the_old_engine_failed_is_none_of_the_new_ones()
    {
        var watched = Watch(new(null, "", s_fast, "m"));
        _errors = new(120, 20);
        await AdvanceAsync("2.0", 11, isServed: true);
        await Eventually.TrueAsync(() => _asked.Count == 2, () => _time.Advance(TimeSpan.FromSeconds(1)));
        _errors = new(130, 21);

        Assert.Equal((null, "since the switch it had 10 requests, of which 1 failed; it answers the same as well as the one before"), await EndAsync(watched) is var end ? (end!.Fault, end.Words) : default);
        Assert.InRange(_time.GetUtcNow() - _time.Start, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(11));
    }

    [Fact]
    public async Task What_is_not_in_use_any_more_is_not_watched_any_further()
    {
        var watched = Watch(new(null, "", []));
        _isInUse = false;

        Assert.Null(await EndAsync(watched));
    }

    private Task<WatchResult?> Watch(RaceResult raced) =>
        _watch.RunAsync("x", "2.0", _watch.Before("x"), raced, 0.3, TimeSpan.FromMinutes(10), () => _isInUse, measure => measure(), TestContext.Current.CancellationToken);

    private async Task<WatchResult?> EndAsync(Task<WatchResult?> watched)
    {
        await Eventually.TrueAsync(() => watched.IsCompleted, () => _time.Advance(TimeSpan.FromSeconds(5)));
        return await watched;
    }

    /// <summary>Completes once the watch has looked at it.</summary>
    private async Task AdvanceAsync(string release, int? pid, bool isServed)
    {
        _view.Become(release, pid, isServed);
        await Eventually.TrueAsync(() => _view.Seen == _view.Current.Version, () => _time.Advance(TimeSpan.FromSeconds(1)));
    }

    private sealed class View : IFleetView
    {
        private long _seen;
        private volatile FleetSnapshot _current = FleetSnapshot.Empty;

        /// <summary>The version after which somebody waited last for what comes next.</summary>
        public long Seen => Interlocked.Read(ref _seen);

        public FleetSnapshot Current => _current;

        public Task Left => Task.CompletedTask;

        public void Become(string release, int? pid, bool isServed)
        {
            var seat = isServed ? new ServedSeat("x", new ModelAvailability.Ready(), new("x-m", "x", "/s", "m")) : new("x", new ModelAvailability.Asleep(), null);
            _current = new(
                _current.Version + 1,
                [new("x", "X", ProviderState.Ready, "ready", pid, "m", release, default)],
                [new("x-m", "x", "m", ProviderState.Ready, "ready", pid, 0, default)],
                [new("m", ModelAbilities.Chat, new ModelAvailability.Ready(), [], 2048, false, default) { Seats = [seat] }]);
        }

        public Task ChangedAsync(long version, CancellationToken cancellationToken)
        {
            Interlocked.Exchange(ref _seen, version);
            return version < _current.Version ? Task.CompletedTask : Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        public void Want(string model, string? provider = null)
        {
        }
    }
}
