using System.Collections.Immutable;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Core.Updates;
using static Helix.Core.Tests.Alerts.AlertStage;

namespace Helix.Core.Tests.Alerts;

/// <summary>What long times do to alerts.</summary>
public sealed class AlertPatienceTests
{
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(10);

    private readonly AlertStage _stage = new();

    private Alert Only => Assert.Single(_stage.Listed.Values);

    [Fact]
    public void In_quiet_hours_nothing_becomes_worse_because_nobody_acknowledged_what_nobody_heard_of()
    {
        _stage.Policy = _stage.Policy with { Quiet = ImmutableDictionary<Severity, MaintenanceWindow>.Empty.Add(Severity.Error, MaintenanceWindow.Parse("09:00-11:00")!) };
        _stage.Turn(Told("critical", "a"));
        _stage.Pass(TimeSpan.FromMinutes(59), s_pace);
        Assert.Equal(Severity.Error, Only.Severity);
        Assert.Empty(_stage.Messages);

        _stage.Pass(TimeSpan.FromMinutes(27), s_pace);
        Assert.Equal(Severity.Error, Assert.Single(Assert.Single(_stage.Messages).Entries).Severity);
        Assert.Null(Only.EscalatedAt);

        _stage.Pass(TimeSpan.FromMinutes(10), s_pace);
        Assert.Equal(Severity.Critical, Only.Severity);
        Assert.Equal([NoteKind.Fired, NoteKind.Worse], _stage.Messages.Select(message => message.Entries[0].Kind));
    }

    [Fact]
    public void A_rate_looks_back_for_as_many_days_as_it_says()
    {
        _stage.Rules = new([Rule("now-and-then", new RuleTest.Rate(["unhealthy"], 3, TimeSpan.FromDays(7)))]);
        for (var at = 0; at < 3; at++)
        {
            Assert.Empty(_stage.Listed);
            _stage.Turn(Told("unhealthy", "vllm-m"));
            _stage.Pass(TimeSpan.FromDays(2), TimeSpan.FromHours(1));
        }

        Assert.Equal("now-and-then", Only.Rule);
        _stage.Pass(TimeSpan.FromDays(8), TimeSpan.FromHours(1));
        Assert.Empty(_stage.Book.Rates);
    }

    [Fact]
    public void From_however_many_places_it_comes_it_stays_small()
    {
        for (var lot = 0; lot < 21; lot++) _stage.Turn([.. Enumerable.Range(lot * 100, 100).Select(at => Told("owner", $"f{at}", Severity.Warning))]);

        Assert.Equal(AlertTurn.MostOpen + 1, _stage.Listed.Count);
        Assert.Equal((AlertTurn.Others, 100L, "owner of f2099"), (_stage.Listed.Values.Last().Subject, _stage.Listed.Values.Last().Count, _stage.Listed.Values.Last().What));
        _stage.Turn(Told("owner", "f7", Severity.Warning), Told("critical", "vllm-m"));
        Assert.Equal((2L, AlertTurn.MostOpen + 2), (_stage.Listed[8].Count, _stage.Listed.Count));

        _stage.Pass(TimeSpan.FromHours(25), TimeSpan.FromHours(1));
        Assert.Equal([AlertTurn.Others], _stage.Listed.Values.Where(alert => alert.State == AlertState.Resolved).Select(alert => alert.Subject));
    }

    [Fact]
    public void Nobody_can_make_silences_without_end()
    {
        WishOutcome last = new WishOutcome.Done("");
        for (var at = 0; at < 501; at++) last = Silence($"s{at}");
        Assert.Equal("conflict", Assert.IsType<WishOutcome.Refused>(last).Code);
        Assert.Equal(500, _stage.Book.Silences.Length);

        _stage.Pass(TimeSpan.FromHours(2), TimeSpan.FromHours(1));
        Assert.IsType<WishOutcome.Done>(Silence("another"));

        WishOutcome Silence(string subject) => _stage.Ask(new AlertWish.Quieten(null, new(null, null, null, subject), _stage.Now.AddHours(1), "ann", null));
    }
}
