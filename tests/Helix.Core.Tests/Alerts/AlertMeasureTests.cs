using Helix.Core.Alerts;
using Helix.Core.History;
using static Helix.Core.Tests.Alerts.AlertStage;

namespace Helix.Core.Tests.Alerts;

public sealed class AlertMeasureTests
{
    private static readonly TimeSpan s_ten = TimeSpan.FromSeconds(10);

    private readonly AlertStage _stage = new() { Rules = new([Rule("disk-full", new RuleTest.Measure(AlertMeasure.DiskFree, IsAbove: false, 5, 10)) with { Type = AlertType.Resource, For = TimeSpan.FromMinutes(1) }]) };

    private Alert Only => Assert.Single(_stage.Listed.Values);

    [Fact]
    public void A_measure_beyond_its_limit_for_long_enough_is_an_alert_until_it_is_well_again()
    {
        Measure(4, times: 6);
        Assert.Equal(AlertState.Pending, Only.State);
        Measure(4, times: 3);
        Assert.Equal((AlertState.Firing, AlertType.Resource, "disk-full"), (Only.State, Only.Type, Only.Family));
        Assert.Equal("4 are free; the limit is at least 5 %", Only.What);

        Measure(7, times: 3);
        Assert.Equal(AlertState.Firing, Only.State);
        Measure(11, times: 1);
        Assert.Equal((AlertState.Resolved, "11 are free"), (Only.State, Only.EndWords));
    }

    [Fact]
    public void A_moment_beyond_it_is_nothing()
    {
        Measure(4, times: 3);
        Measure(11, times: 1);

        Assert.Empty(_stage.Listed);
        Assert.Empty(_stage.Book.Alerts);
    }

    [Fact]
    public void What_was_beyond_it_for_a_moment_and_is_within_it_since_does_not_fire()
    {
        Measure(4, times: 1);
        Measure(7, times: 12);

        Assert.Empty(_stage.Listed);
    }

    [Fact]
    public void What_goes_on_is_not_written_down_each_time()
    {
        Measure(4, times: 9);

        var changes = 0;
        for (var at = 0; at < 60; at++)
        {
            if (_stage.Turn(Value(4)).IsChanged) changes++;
            _stage.Now += s_ten;
        }

        Assert.InRange(changes, 1, 12);
    }

    [Fact]
    public void What_is_not_measured_any_more_is_over_after_a_while()
    {
        Measure(4, times: 9);
        _stage.Pass(TimeSpan.FromMinutes(4));
        _stage.Turn(new AlertInput([], AlertSample.Nothing, [], 0));
        Assert.Equal(AlertState.Firing, Only.State);

        _stage.Pass(TimeSpan.FromMinutes(3));
        _stage.Turn(new AlertInput([], AlertSample.Nothing, [], 0));
        Assert.Equal(AlertState.Resolved, Only.State);
    }

    [Fact]
    public void What_was_not_done_for_some_intervals_is_missed()
    {
        _stage.Rules = new([Rule("backup-missing", new RuleTest.Absence(AlertSignal.Backup, 2)) with { For = TimeSpan.FromMinutes(10) }]);
        var beat = new Beat(AlertSignal.Backup, "a backup", true, Start, TimeSpan.FromDays(1));

        _stage.Now = Start.AddDays(1.9);
        _stage.Turn(beat);
        Assert.Empty(_stage.Listed);
        _stage.Now = Start.AddDays(2.1);
        _stage.Turn(beat);
        _stage.Pass(TimeSpan.FromMinutes(11));
        Assert.Equal(AlertState.Firing, Only.State);
        Assert.StartsWith("a backup was due every 1 d", Only.What, StringComparison.Ordinal);
        _stage.Turn(beat with { Last = _stage.Now });
        Assert.Equal(AlertState.Resolved, Only.State);

        _stage.Turn(beat with { IsOn = false });
        Assert.Single(_stage.Listed);
    }

    [Fact]
    public void So_many_within_a_time_are_an_alert_and_as_many_in_a_longer_one_are_not()
    {
        _stage.Rules = new([Rule("restarts", new RuleTest.Rate(["unhealthy"], 3, TimeSpan.FromMinutes(10))) with { Severity = Severity.Error }]);
        for (var at = 0; at < 6; at++)
        {
            _stage.Turn(Told("unhealthy", "slow"));
            _stage.Pass(TimeSpan.FromMinutes(6), TimeSpan.FromSeconds(30));
        }

        Assert.Empty(_stage.Listed);
        for (var at = 0; at < 3; at++)
        {
            _stage.Turn(Told("unhealthy", "vllm-m"), Told("unhealthy", "other"));
            _stage.Pass(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(30));
        }

        Assert.Equal(["vllm-m", "other"], _stage.Listed.Values.Select(alert => alert.Subject));
        _stage.Pass(TimeSpan.FromMinutes(11), TimeSpan.FromSeconds(30));
        Assert.All(_stage.Listed.Values, alert => Assert.Equal(AlertState.Resolved, alert.State));
    }

    [Fact]
    public void What_holds_now_ends_what_nobody_told_the_end_of()
    {
        _stage.Rules = new AlertStage().Rules;
        _stage.Turn(Told("disk_low", null), Told("critical", "vllm-m"));
        _stage.Turn(new AlertInput([], AlertSample.Nothing with { Well = [AlertCauses.DiskIsEnough] }, [], 0));
        Assert.Equal(AlertState.Resolved, _stage.Listed[1].State);

        _stage.Now += TimeSpan.FromMinutes(4);
        _stage.Turn(new AlertInput([], AlertSample.Nothing with { Instances = [] }, [], 0));
        Assert.Equal(AlertState.Firing, _stage.Listed[2].State);
        _stage.Now += TimeSpan.FromMinutes(4);
        _stage.Turn(new AlertInput([], AlertSample.Nothing with { Instances = ["vllm-m"] }, [], 0));
        Assert.Equal(AlertState.Firing, _stage.Listed[2].State);
        _stage.Turn(new AlertInput([], AlertSample.Nothing with { Instances = [] }, [], 0));
        Assert.Equal(AlertState.Resolved, _stage.Listed[2].State);
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
