using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Storage;

namespace Helix.Tests.Alerts;

public sealed class AlertWatchTests : IAsyncLifetime
{
    private readonly FakeChannel _web = new("web");
    private readonly FakeChannel _pager = new("pager");
    private AlertHouse _house = null!;

    public ValueTask InitializeAsync()
    {
        _house = new(null, _web, _pager);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task Each_type_is_raised_told_on_each_channel_and_resolved()
    {
        _house.Happens("critical", "vllm-m", Severity.Critical);
        _house.Happens("owner", "/h/x");
        _house.Happens("disk_low", null);
        _house.Happens("update_failed", "vllm 2");
        _house.Sample = AlertSample.Nothing with { Values = [new(AlertMeasure.FailedPercent, null, "m", 50, "5 of 10 requests failed")] };
        for (var at = 0; at < 3; at++) _house.Happens("owner", "/h/x");
        await _house.PassAsync(TimeSpan.FromMinutes(4));

        var open = await _house.ListAsync(new(OnlyOpen: true));
        Assert.Equal(AlertNames.Types, open.Select(alert => alert.Type).Distinct().Order().Select(type => type.Word()));
        Assert.Equal(4L, open.Single(alert => alert.Family == "owner").Count);
        foreach (var channel in new[] { _web, _pager }) Assert.Equal(5, channel.Got.SelectMany(message => message.Entries).Select(entry => entry.Id).Distinct().Count());

        _house.Happens("ready", "vllm-m", Severity.Info, HistoryKind.State);
        _house.History.Append(new(_house.Time.GetUtcNow(), HistoryKind.Security, Severity.Info, null, "/h/x", "cleared", "owner: it is well") { Data = "{\"finding\":\"owner\"}" });
        _house.Happens("disk_enough", null, Severity.Info, HistoryKind.Cleanup);
        _house.Happens("switched", "vllm 3", Severity.Info, HistoryKind.Update);
        _house.Sample = AlertSample.Nothing with { Values = [new(AlertMeasure.FailedPercent, null, "m", 0, "none failed")] };
        await _house.PassAsync(TimeSpan.FromMinutes(4));

        Assert.Equal(["updated"], (await _house.ListAsync(new(OnlyOpen: true))).Select(alert => alert.Family));
        foreach (var channel in new[] { _web, _pager }) Assert.Equal(5, channel.Got.SelectMany(message => message.Entries).Count(entry => entry.Kind == NoteKind.Resolved));
    }

    [Fact]
    public async Task A_thousand_happenings_in_ten_seconds_are_one_message_on_each_channel_and_a_thousand_in_the_list()
    {
        string[] causes = ["critical", "owner", "model_damaged", "foreign_process", "sandbox_lost"];
        for (var tenth = 0; tenth < 100; tenth++)
        {
            for (var at = 0; at < 10; at++) _house.Happens(causes[at % causes.Length], $"s{tenth}-{at}");
            if (tenth % 3 == 0) await _house.Watch.TurnAsync();
            _house.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        await _house.PassAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(1000, (await _house.ListAsync(new(OnlyOpen: true))).Count);
        Assert.Equal(1000, Assert.Single(_web.Got).Count);
        Assert.Equal(1000, Assert.Single(_pager.Got).Count);
    }

    [Fact]
    public async Task A_channel_that_was_down_for_ten_minutes_has_it_exactly_once_also_when_the_daemon_died_meanwhile()
    {
        _pager.Answers = _ => new Delivery.Later("the server cannot be reached");
        _house.Happens("critical", "vllm-m", Severity.Critical);
        await _house.PassAsync(TimeSpan.FromMinutes(3));
        Assert.NotEqual(0, _pager.Tries);
        _house.Crash();
        await _house.PassAsync(TimeSpan.FromMinutes(7));
        Assert.Contains(await _house.ListAsync(), alert => alert is { Family: AlertCauses.ChannelDown, Subject: "pager", State: AlertState.Firing });

        _pager.Answers = _ => new Delivery.Sent();
        await _house.PassAsync(TimeSpan.FromMinutes(10));

        Assert.Single(_pager.Got.SelectMany(message => message.Entries), entry => entry is { Cause: AlertCauses.EngineDown, Kind: NoteKind.Fired });
        Assert.Single(_web.Got.SelectMany(message => message.Entries), entry => entry is { Cause: AlertCauses.EngineDown, Kind: NoteKind.Fired });
        Assert.Equal(_pager.Got.Count, _pager.Got.Select(message => message.Key).Distinct().Count());
        Assert.Equal(AlertState.Resolved, (await _house.ListAsync()).Single(alert => alert.Family == AlertCauses.ChannelDown).State);
    }

    [Fact]
    public async Task A_daemon_that_comes_back_hears_nothing_twice()
    {
        _house.Happens("critical", "vllm-m");
        await _house.Watch.TurnAsync();
        _house.Crash();
        await _house.Watch.TurnAsync();
        _house.Crash();
        await _house.PassAsync(TimeSpan.FromSeconds(12));

        Assert.Equal(1L, Assert.Single(await _house.ListAsync()).Count);
        Assert.Single(_web.Got);
    }

    [Fact]
    public async Task Of_two_daemons_that_write_the_second_reads_again_first()
    {
        await _house.Watch.TurnAsync();
        var other = _house.Watch;
        _house.Crash();
        _house.Happens("critical", "a");
        await _house.Watch.TurnAsync();
        _house.Happens("critical", "b");

        await other.TurnAsync();
        Assert.Null(other.Current);
        await other.TurnAsync();

        Assert.Equal(["b", "a"], (await _house.ListAsync()).Select(alert => alert.Subject));
        Assert.Equal(2, other.Current!.Alerts.Count);
    }

    [Fact]
    public async Task What_happened_before_alerts_were_known_is_left_alone()
    {
        await using var house = new AlertHouse(null, _web);
        house.Happens("critical", "long ago");
        await house.Database.AskAsync(connection => connection.Run("UPDATE alert_book SET cursor = (SELECT max(id) FROM events)"));

        await house.PassAsync(TimeSpan.FromSeconds(20));

        Assert.Empty(await house.ListAsync());
    }

    [Fact]
    public async Task A_book_that_cannot_be_read_costs_no_alert()
    {
        _house.Happens("critical", "a");
        await _house.PassAsync(TimeSpan.FromSeconds(12));
        await _house.Database.AskAsync(connection => connection.Run("UPDATE alert_book SET body = '{'"));
        _house.Crash();
        _house.Happens("owner", "b");
        await _house.PassAsync(TimeSpan.FromSeconds(12));

        Assert.Equal(["b", "a"], (await _house.ListAsync(new(OnlyOpen: true))).Select(alert => alert.Subject));
        Assert.Equal(2, _web.Got.Count);
        Assert.Equal(2, _web.Got.Select(message => message.Key).Distinct().Count());
    }

    [Fact]
    public async Task Somebody_who_says_something_is_answered_by_the_next_turn()
    {
        _house.Happens("critical", "a");
        await _house.Watch.TurnAsync();

        var asked = _house.Watch.AskAsync(new AlertWish.Acknowledge([1], "ann", "I know"));
        Assert.False(asked.IsCompleted);
        await _house.Watch.TurnAsync();

        Assert.IsType<WishOutcome.Done>(Assert.IsType<Stored<WishOutcome>.Ok>(await asked).Value);
        Assert.Equal((AlertState.Acknowledged, "ann", "I know"), (await _house.ListAsync()).Select(alert => (alert.State, alert.AckedBy, alert.AckNote)).Single());
    }

    [Fact]
    public async Task A_turn_that_breaks_ends_nothing_and_is_done_again()
    {
        var token = TestContext.Current.CancellationToken;
        await using var house = new AlertHouse(TimeProvider.System, _web) { Policy = _ => throw new InvalidOperationException("it broke") };
        house.Happens("critical", "a");
        await house.Watch.StartAsync(token);

        var asked = await house.Watch.AskAsync(new AlertWish.Test("web"));
        Assert.Contains("it broke", Assert.IsType<Stored<WishOutcome>.Failed>(asked).Reason, StringComparison.Ordinal);
        house.Policy = policy => policy;
        house.Happens("owner", "b");
        await Eventually.TrueAsync(async () => (await house.ListAsync()).Count == 2, "both are heard");

        Assert.All(await house.ListAsync(), alert => Assert.Equal(1L, alert.Count));
        await house.Watch.StopAsync(token);
    }

    [Fact]
    public async Task The_banner_follows_what_nobody_acknowledged()
    {
        await _house.Watch.TurnAsync();
        Assert.Empty(_house.Banner.Take());
        _house.Happens("critical", "a");
        await _house.Watch.TurnAsync();
        Assert.StartsWith("helix: ERROR since 2026-11-29 10:00 UTC: critical of a", Assert.Single(_house.Banner.Take()), StringComparison.Ordinal);
        Assert.Single(_house.Banner.Take());

        var asked = _house.Watch.AskAsync(new AlertWish.Acknowledge(null, "ann", null));
        await _house.Watch.TurnAsync();
        await asked;
        Assert.Empty(_house.Banner.Take());
        Assert.False(File.Exists(_house.Temporary.Home.AlertBanner));
    }

    [Fact]
    public async Task A_bad_file_of_rules_is_told_and_the_rules_before_it_hold_until_it_is_mended()
    {
        Write("rules:\n  - name: engine-down\n    on: false\n");
        _house.Happens("critical", "a");
        await _house.Watch.TurnAsync();
        Assert.Empty(await _house.ListAsync());

        Write("rules:\n  - name: engine-down\n    onn: false\n");
        // what is read is told, and heard in the turn after
        await _house.Watch.TurnAsync();
        await _house.Watch.TurnAsync();
        var refused = Assert.Single(await _house.ListAsync());
        Assert.Equal((AlertCauses.RulesRefused, AlertState.Firing), (refused.Family, refused.State));
        Assert.Contains("line 3: rules[0].onn: there is no such key; did you mean on?", refused.What, StringComparison.Ordinal);

        File.Delete(_house.Temporary.Home.AlertRules);
        _house.Happens("critical", "b");
        await _house.PassAsync(TimeSpan.FromSeconds(11));
        Assert.Equal(["b"], (await _house.ListAsync(new(OnlyOpen: true))).Select(alert => alert.Subject));

        void Write(string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_house.Temporary.Home.AlertRules)!);
            File.WriteAllText(_house.Temporary.Home.AlertRules, text);
        }
    }
}
