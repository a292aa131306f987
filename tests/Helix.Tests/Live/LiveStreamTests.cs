using System.Net;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Live;
using Helix.Fleet;
using Helix.Live;
using Helix.Tests.Dashboard;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Live;

public sealed class LiveStreamTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));
    private readonly Told _told = new("told", every: 1000);
    private readonly Told _ticking = new("ticking", every: 1);
    private DashboardHouse _house = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _house = await DashboardHouse.StartAsync(
            _time, first: app => app.Services.GetRequiredService<LiveSections>().Add(_told).Add(_ticking).Add(new InstanceSection(app.Services.GetRequiredService<IFleetView>())));
        _browser = await _house.SignInAsync();
    }

    public ValueTask DisposeAsync()
    {
        _browser.Dispose();
        return _house.DisposeAsync();
    }

    private LiveBell Bell => _house.Host.Services.GetRequiredService<LiveBell>();

    private LiveBoard Board => _house.Host.Services.GetRequiredService<LiveBoard>();

    [Fact]
    public async Task Who_is_not_signed_in_sees_nothing()
    {
        using var stranger = new Browser(_house);

        Assert.Equal(HttpStatusCode.Unauthorized, await stranger.StatusAsync(HttpMethod.Get, "/helix/v1/live"));
    }

    [Fact]
    public async Task First_comes_all_there_is_and_then_what_changes()
    {
        _told.Set("a", "1");
        using var stream = await OpenAsync();
        var all = await stream.NextAsync("snapshot");
        Assert.Equal("1", (string?)all["state"]!["told"]!["a"]);

        _told.Set("b", "2");
        Bell.Ring("told");
        var change = await stream.NextAsync("change");

        Assert.Equal("""{"told":{"b":"2"}}""", change["set"]!.ToJsonString());
        _told.Set("a", null);
        Bell.Ring("told");
        Assert.Equal("""{"told":{"a":null}}""", (await stream.NextAsync("change"))["set"]!.ToJsonString());
    }

    [Fact]
    public async Task A_change_of_the_fleet_is_told_at_once()
    {
        using var stream = await OpenAsync();
        await stream.NextAsync("snapshot");

        _house.Host.Fleet.Instances = [new("vllm-m", "vllm", "m", ProviderState.Critical, "it died", null, 3, _time.GetUtcNow())];
        _house.Host.Fleet.Set();

        var instance = (await stream.NextAsync("change"))["set"]!["instances"]!["vllm-m"]!;
        Assert.Equal(("critical", "it died", "unknown"), ((string?)instance["state"], (string?)instance["reason"], (string?)instance["health"]![0]!["state"]));
    }

    [Fact]
    public async Task What_is_due_each_second_is_read_each_second_and_only_while_somebody_looks()
    {
        using (var stream = await OpenAsync())
        {
            await stream.NextAsync("snapshot");
            _ticking.Set("a", "1");
            await Eventually.TrueAsync(() => _ticking.Reads >= 3, () => _time.Advance(TimeSpan.FromSeconds(1)));
            Assert.Equal("""{"ticking":{"a":"1"}}""", (await stream.NextAsync("change"))["set"]!.ToJsonString());
        }

        await Eventually.TrueAsync(() => Board.Count == 0);
        var reads = _ticking.Reads;
        for (var second = 0; second < 10; second++) _time.Advance(TimeSpan.FromSeconds(1));
        using var later = await OpenAsync();
        await later.NextAsync("snapshot");

        Assert.Equal(reads + 1, _ticking.Reads);
    }

    [Fact]
    public async Task Who_lost_the_connection_gets_what_came_meanwhile_and_no_more()
    {
        using var watching = await OpenAsync();
        await watching.NextAsync("snapshot");
        string last;
        using (var first = await OpenAsync())
        {
            await first.NextAsync("snapshot");
            _told.Set("a", "1");
            Bell.Ring("told");
            await first.NextAsync("change");
            last = first.LastId!;
        }

        _told.Set("b", "2");
        Bell.Ring("told");
        await watching.NextAsync("change");
        await watching.NextAsync("change");
        using var again = await OpenAsync(last);

        Assert.Equal("""{"told":{"b":"2"}}""", (await again.NextAsync("change"))["set"]!.ToJsonString());
    }

    [Fact]
    public async Task Who_was_away_while_nobody_looked_is_told_what_changed_since()
    {
        string last;
        using (var first = await OpenAsync())
        {
            await first.NextAsync("snapshot");
            last = first.LastId!;
        }

        await Eventually.TrueAsync(() => Board.Count == 0);
        _told.Set("a", "1");
        using var again = await OpenAsync(last);

        Assert.Equal("""{"told":{"a":"1"}}""", (await again.NextAsync("change"))["set"]!.ToJsonString());
    }

    [Theory]
    [InlineData("00000000-1")]
    [InlineData("nonsense")]
    [InlineData("ffffffff-99999999999999999999")]
    public async Task Who_names_an_event_that_nobody_knows_gets_everything(string last)
    {
        _told.Set("a", "1");
        using var stream = await OpenAsync(last);

        Assert.Equal("1", (string?)(await stream.NextAsync("snapshot"))["state"]!["told"]!["a"]);
    }

    [Fact]
    public async Task Fifty_who_look_are_told_the_same_and_it_is_read_once()
    {
        var streams = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => OpenAsync()));
        foreach (var stream in streams) await stream.NextAsync("snapshot");
        var reads = _told.Reads;

        _told.Set("a", "1");
        Bell.Ring("told");
        foreach (var stream in streams) Assert.Equal("""{"told":{"a":"1"}}""", (await stream.NextAsync("change"))["set"]!.ToJsonString());

        Assert.Equal((50, reads + 1), (Board.Count, _told.Reads));
        Assert.Single(streams.Select(stream => stream.LastId).Distinct());
        foreach (var stream in streams) stream.Dispose();
    }

    [Fact]
    public async Task One_who_reads_nothing_keeps_nobody_waiting_and_is_told_everything_anew()
    {
        var lazy = new LiveReader();
        for (var number = 0; number < 100; number++) lazy.Give([1]);

        Assert.True(lazy.IsBehind);
        while (lazy.Events.TryRead(out _)) { }

        lazy.Give([2]);
        Assert.False(lazy.Events.TryRead(out _));
        lazy.GiveAnew([3]);
        lazy.Give([4]);
        Assert.Equal(3, (await lazy.Events.ReadAsync(TestContext.Current.CancellationToken))[0]);
        Assert.Equal(4, (await lazy.Events.ReadAsync(TestContext.Current.CancellationToken))[0]);
        Assert.False(lazy.IsBehind);
    }

    [Fact]
    public async Task A_part_that_cannot_be_read_is_shown_as_it_was_and_the_others_go_on()
    {
        _told.Set("a", "1");
        using var stream = await OpenAsync();
        await stream.NextAsync("snapshot");
        _told.Trouble = new IOException("the disk is gone");
        Bell.Ring("told");
        _ticking.Set("b", "2");
        Bell.Ring("ticking");

        Assert.Equal("""{"ticking":{"b":"2"}}""", (await stream.NextAsync("change"))["set"]!.ToJsonString());
    }

    [Fact]
    public async Task What_has_to_be_waited_for_keeps_nobody_waiting()
    {
        var slow = new TaskCompletionSource();
        _told.Wait = slow.Task;
        using var stream = await OpenAsync();
        Assert.Empty((await stream.NextAsync("snapshot"))["state"]!["told"]!.AsObject());
        _told.Set("a", "1");
        slow.SetResult();

        Assert.Equal("""{"told":{"a":"1"}}""", (await stream.NextAsync("change"))["set"]!.ToJsonString());
    }

    [Fact]
    public async Task An_event_names_a_part_once_also_where_that_was_read_twice()
    {
        var slow = new TaskCompletionSource();
        _told.Wait = slow.Task;
        _told.TellsReads = true;
        using var stream = await OpenAsync();
        await stream.NextAsync("snapshot");
        // due while it is read: it is read again as soon as that is over
        Bell.Ring("told");
        _told.Wait = Task.CompletedTask;
        slow.SetResult();

        Assert.Equal("""{"told":{"2":""}}""", (await stream.NextAsync("change"))["set"]!.ToJsonString());
    }

    [Fact]
    public async Task Who_missed_more_than_there_is_gets_what_there_is()
    {
        using var watching = await OpenAsync();
        await watching.NextAsync("snapshot");
        var last = watching.LastId!;
        for (var number = 0; number < 20; number++)
        {
            _told.Set("a", $"{number}");
            Bell.Ring("told");
            await watching.NextAsync("change");
        }

        using var again = await OpenAsync(last);

        Assert.Equal("19", (string?)(await again.NextAsync("snapshot"))["state"]!["told"]!["a"]);
    }

    [Fact]
    public async Task Who_is_signed_out_meanwhile_sees_nothing_more()
    {
        using var stream = await OpenAsync();
        await stream.NextAsync("snapshot");
        Assert.True((await _house.Owner.DeleteAsync("/helix/v1/sessions")).IsSuccessStatusCode);
        _told.Set("a", "1");
        Bell.Ring("told");

        await stream.NextAsync("signed-out");
        Assert.True(await stream.EndsAsync());
    }

    [Fact]
    public async Task A_quiet_stream_shows_that_it_lives()
    {
        using var stream = await OpenAsync();
        await stream.NextAsync("snapshot");
        var beat = stream.BeatAsync();

        await Eventually.TrueAsync(() => beat.IsCompleted, () => _time.Advance(TimeSpan.FromSeconds(1)));
        await beat;
    }

    private async Task<LiveStream> OpenAsync(string? last = null)
    {
        var response = await _browser.GetAsync("/helix/v1/live", request =>
        {
            if (last is not null) request.Headers.Add("Last-Event-ID", last);
        });
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal("no-store", response.Header("Cache-Control"));
        return new(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>A part whose values a test sets.</summary>
    private sealed class Told(string name, int every) : ILiveSection
    {
        private readonly Lock _setting = new();
        private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);
        private int _reads;

        public string Name => name;

        public int Every => every;

        public int Reads => Volatile.Read(ref _reads);

        public Exception? Trouble { get; set; }

        public Task Wait { get; set; } = Task.CompletedTask;

        /// <summary>What it tells is how often it was read before, and nothing else.</summary>
        public bool TellsReads { get; set; }

        public void Set(string key, string? value)
        {
            lock (_setting)
            {
                if (value is null) _values.Remove(key);
                else _values[key] = value;
            }
        }

        public async ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
        {
            var number = Interlocked.Increment(ref _reads);
            if (Trouble is { } trouble) throw trouble;
            await Wait.WaitAsync(cancellationToken);
            if (TellsReads)
            {
                reading.Add($"{number}", "", ApiJson.Default.String);
                return;
            }

            lock (_setting)
            {
                foreach (var (key, value) in _values) reading.Add(key, value, ApiJson.Default.String);
            }
        }
    }
}
