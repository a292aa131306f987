using Helix.Core.Alerts;
using Helix.Core.History;
using static Helix.Core.Tests.Alerts.AlertStage;

namespace Helix.Core.Tests.Alerts;

/// <summary>Alerts that a person ends.</summary>
public sealed class AlertResolveTests
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(11);
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_ten = TimeSpan.FromSeconds(10);

    private readonly AlertStage _stage = new();

    [Fact]
    public void Who_was_told_of_it_is_told_that_it_is_over_and_by_whom()
    {
        _stage.Turn(Told("critical", "vllm-m"));
        _stage.Pass(s_wait);
        Assert.IsType<WishOutcome.Done>(_stage.Ask(new AlertWish.Resolve([1], "ann", "it was\nunplugged")));
        _stage.Pass(s_pause);

        var alert = Assert.Single(_stage.Listed.Values);
        Assert.Equal((AlertState.Resolved, "resolved by ann: it was unplugged"), (alert.State, alert.EndWords));
        Assert.Equal([(1, 0), (0, 1)], _stage.Messages.Select(message => (message.Firing, message.Resolved)));
        Assert.Equal(alert.EndWords, _stage.Messages[1].Entries[0].End);
        Assert.Empty(_stage.Book.Alerts);
    }

    [Fact]
    public void Of_what_is_resolved_before_anybody_was_told_nobody_is_told_also_where_it_happened_once()
    {
        _stage.Turn(Told("critical", "vllm-m"), Told("permissions", "/h/db") with { Done = "helix took the rights away" });
        Assert.True(_stage.Listed[2].IsNotice);
        Assert.IsType<WishOutcome.Done>(_stage.Ask(new AlertWish.Resolve([2, 1, 2], "ann", null)));
        _stage.Pass(s_pause);

        Assert.Empty(_stage.Messages);
        Assert.All(_stage.Listed.Values, alert => Assert.Equal((AlertState.Resolved, "resolved by ann"), (alert.State, alert.EndWords)));
    }

    [Fact]
    public void What_happens_again_is_another_alert()
    {
        _stage.Turn(Told("critical", "vllm-m"));
        _stage.Ask(new AlertWish.Resolve([1], "ann", null));
        _stage.Pass(TimeSpan.FromHours(1), TimeSpan.FromSeconds(30));
        Assert.Single(_stage.Listed);

        _stage.Turn(Told("critical", "vllm-m"));
        Assert.Equal([AlertState.Resolved, AlertState.Firing], _stage.Listed.Values.Select(alert => alert.State));
        Assert.Equal(1L, _stage.Listed[2].Count);
    }

    [Fact]
    public void What_comes_and_goes_is_over_at_once()
    {
        for (var at = 0; at < 3; at++)
        {
            if (at > 0) _stage.Turn(Event("state.ready", "vllm-m"));
            _stage.Turn(Told("critical", "vllm-m"));
        }

        Assert.True(_stage.Listed[3].IsFlapping);
        _stage.Ask(new AlertWish.Resolve([3], "ann", null));

        Assert.Equal(AlertState.Resolved, _stage.Listed[3].State);
    }

    [Fact]
    public void What_is_measured_is_silent_until_it_was_well_once()
    {
        _stage.Rules = new([Rule("disk-full", new RuleTest.Measure(AlertMeasure.DiskFree, IsAbove: false, 5, 10)) with { Type = AlertType.Resource }]);
        Measure(4, times: 2);
        _stage.Ask(new AlertWish.Resolve([1], "ann", null));
        Measure(4, times: 60);
        _stage.Restart();
        // within its limit, and not well yet
        Measure(7, times: 3);
        Measure(4, times: 3);
        Assert.Single(_stage.Listed);

        Measure(11, times: 1);
        Assert.Null(_stage.Book.Dismissed);
        Measure(4, times: 1);
        Assert.Equal(AlertState.Firing, _stage.Listed[2].State);
    }

    [Fact]
    public void What_goes_on_after_it_was_resolved_is_not_written_down_each_time()
    {
        _stage.Rules = new([Rule("disk-full", new RuleTest.Measure(AlertMeasure.DiskFree, IsAbove: false, 5, 10)) with { Type = AlertType.Resource }]);
        Measure(4, times: 1);
        _stage.Ask(new AlertWish.Resolve([1], "ann", null));
        _stage.Pass(s_pause);

        var changes = 0;
        for (var at = 0; at < 60; at++)
        {
            if (_stage.Turn(Value(4)).IsChanged) changes++;
            _stage.Now += s_ten;
        }

        Assert.InRange(changes, 1, 12);
    }

    [Fact]
    public void What_is_not_measured_any_more_is_forgotten_after_a_while_and_so_is_what_no_rule_measures()
    {
        var rule = Rule("disk-full", new RuleTest.Measure(AlertMeasure.DiskFree, IsAbove: false, 5, 10)) with { Type = AlertType.Resource };
        _stage.Rules = new([rule]);
        Measure(4, times: 1);
        _stage.Ask(new AlertWish.Resolve([1], "ann", null));
        _stage.Now += TimeSpan.FromMinutes(4);
        _stage.Turn(new AlertInput([], AlertSample.Nothing, [], 0));
        Assert.NotNull(_stage.Book.Dismissed);
        _stage.Now += TimeSpan.FromMinutes(2);
        _stage.Turn(new AlertInput([], AlertSample.Nothing, [], 0));
        Assert.Null(_stage.Book.Dismissed);

        Measure(4, times: 1);
        _stage.Ask(new AlertWish.Resolve([2], "ann", null));
        Assert.NotNull(_stage.Book.Dismissed);
        _stage.Rules = new([rule with { IsOn = false }]);
        _stage.Turn(AlertInput.Nothing);
        Assert.Null(_stage.Book.Dismissed);
    }

    [Fact]
    public void What_was_missed_is_silent_until_it_was_done_again()
    {
        _stage.Rules = new([Rule("backup-missing", new RuleTest.Absence(AlertSignal.Backup, 2))]);
        var beat = new Beat(AlertSignal.Backup, "a backup", true, Start, TimeSpan.FromDays(1));
        _stage.Now = Start.AddDays(3);
        _stage.Turn(beat);
        _stage.Ask(new AlertWish.Resolve([1], "ann", null));
        _stage.Turn(beat);
        Assert.Single(_stage.Listed);

        _stage.Turn(beat with { Last = _stage.Now });
        _stage.Now += TimeSpan.FromDays(4);
        _stage.Turn(beat with { Last = _stage.Now - TimeSpan.FromDays(4) });
        Assert.Equal(AlertState.Firing, _stage.Listed[2].State);
    }

    [Fact]
    public void What_is_counted_is_counted_anew()
    {
        _stage.Rules = new([Rule("restarts", new RuleTest.Rate(["unhealthy"], 3, TimeSpan.FromMinutes(10))) with { Severity = Severity.Error }]);
        for (var at = 0; at < 3; at++) _stage.Turn(Told("unhealthy", "vllm-m"));
        Assert.Single(_stage.Listed);
        _stage.Ask(new AlertWish.Resolve([1], "ann", null));

        for (var at = 0; at < 2; at++) _stage.Turn(Told("unhealthy", "vllm-m"));
        Assert.Single(_stage.Listed);
        _stage.Turn(Told("unhealthy", "vllm-m"));
        Assert.Equal(AlertState.Firing, _stage.Listed[2].State);
    }

    [Fact]
    public void What_cannot_be_resolved_is_said_and_nothing_of_the_wish_is_done()
    {
        _stage.Rules = new([Rule("lasting", new RuleTest.Causes(["unhealthy"])) with { Type = null, Severity = null, For = TimeSpan.FromMinutes(1) }, .. _stage.Rules.All.Select(WithoutUnhealthy)]);
        _stage.Turn(Told("critical", "a"), Told("unhealthy", "b"));
        Assert.Equal([AlertState.Firing, AlertState.Pending], _stage.Listed.Values.Select(alert => alert.State));

        Assert.Equal("invalid", Refusal([]));
        Assert.Equal("not_found", Refusal([1, 7]));
        Assert.Equal("conflict", Refusal([1, 2]));
        Assert.Equal(AlertState.Firing, _stage.Listed[1].State);
        _stage.Ask(new AlertWish.Resolve([1], "ann", null));
        Assert.Equal("not_found", Refusal([1]));

        string Refusal(long[] ids) => Assert.IsType<WishOutcome.Refused>(_stage.Ask(new AlertWish.Resolve([.. ids], "ann", null))).Code;

        static AlertRule WithoutUnhealthy(AlertRule rule) => rule with { Test = new RuleTest.Causes([.. ((RuleTest.Causes)rule.Test).Names.Where(name => name != "unhealthy")]) };
    }

    private void Measure(double free, int times)
    {
        for (var at = 0; at < times; at++)
        {
            _stage.Turn(Value(free));
            _stage.Now += s_ten;
        }
    }

    private static MeasuredValue Value(double free) => new(AlertMeasure.DiskFree, null, null, free, $"{free} are free");
}
