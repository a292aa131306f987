using System.Collections.Concurrent;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.History;
using Helix.Fleet;
using Helix.Storage;
using Helix.Tests.Fakes;
using Helix.Tuning;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Tuning;

public sealed class DemandWatchTests : IAsyncLifetime
{
    // a Monday
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero));
    private readonly TemporaryHome _home = new();
    private readonly ConcurrentQueue<HistoryEvent> _told = new();
    private readonly List<DateTimeOffset> _warmed = [];
    private readonly FixedConfig _config = new();
    private readonly Database _database;
    private readonly DemandTable _table;
    private long _asked;

    public DemandWatchTests()
    {
        _database = new(_home.Home.Database, _time, NullLogger<Database>.Instance);
        _table = new(_database);
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task A_model_is_started_before_the_hour_at_which_it_is_always_used()
    {
        using (var watch = Watch())
            for (var day = 0; day < 15; day++) await DayAsync(watch);
        var fifteenth = _time.GetUtcNow();

        _warmed.Clear();
        // also after the daemon was replaced
        using (var watch = Watch()) await DayAsync(watch);

        Assert.Equal(fifteenth.AddHours(8).AddMinutes(50), _warmed[0]);
        Assert.Equal(fifteenth.AddHours(9).AddMinutes(50), _warmed[^1]);
        var said = _told.Last();
        Assert.Equal((HistoryKind.Demand, "warmed", "m"), (said.Kind, said.What, said.Subject));
        Assert.Contains("100 % of the 2 weeks", said.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_started_where_that_is_switched_off()
    {
        _config.Current = HelixConfig.Default with { Performance = new(PredictScaling: false) };
        using var watch = Watch();

        for (var day = 0; day < 15; day++) await DayAsync(watch);

        Assert.Empty(_warmed);
        Assert.True(watch.Forecasts["m"].IsFollowed);
    }

    [Fact]
    public async Task Nothing_is_started_by_what_has_no_pattern()
    {
        var random = new Random(7);
        using var watch = Watch();
        for (var look = 0; look < 15 * 24 * 6; look++)
        {
            if (random.Next(40) == 0) _asked++;
            await LookAsync(watch);
        }

        Assert.Empty(_warmed);
    }

    private async Task DayAsync(DemandWatch watch)
    {
        for (var look = 0; look < 24 * 6; look++)
        {
            await LookAsync(watch);
            if (_time.GetUtcNow().Hour == 9) _asked++;
        }
    }

    private async Task LookAsync(DemandWatch watch)
    {
        await watch.LookAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
    }

    private DemandWatch Watch() => new(new View(), _table, _ => _asked, _ => _warmed.Add(_time.GetUtcNow()), _config, _told.Enqueue, _time);

    private sealed class View : IFleetView
    {
        public FleetSnapshot Current { get; } = FleetSnapshot.Empty with
        {
            Instances = [new("builtin-m", "builtin", "m", ProviderState.Ready, "", 1, 0, default)],
            Models = [new("m", ModelAbilities.Chat, new ModelAvailability.Asleep(), [], 2048, false, default)],
        };

        public Task ChangedAsync(long version, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

        public Task Left => Task.CompletedTask;

        public void Want(string model, string? provider = null)
        {
        }
    }
}
