using System.Collections.Immutable;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Core.Updates;
using static Helix.Core.Tests.Alerts.AlertStage;

namespace Helix.Core.Tests.Alerts;

public sealed class AlertTurnTests
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(11);
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(2);

    private readonly AlertStage _stage = new();

    private Alert Only => Assert.Single(_stage.Listed.Values);

    [Fact]
    public void What_happens_again_and_again_is_one_alert_and_is_told_once()
    {
        for (var at = 0; at < 5; at++) _stage.Turn(Told("critical", "vllm-m", Severity.Critical, "vllm"));
        _stage.Pass(s_wait);
        for (var at = 0; at < 5; at++) _stage.Turn(Told("critical", "vllm-m", Severity.Critical, "vllm"));
        _stage.Pass(s_pause + s_wait);

        Assert.Equal((10L, AlertState.Firing, AlertType.Health, AlertCauses.EngineDown), (Only.Count, Only.State, Only.Type, Only.Family));
        var entry = Assert.Single(Assert.Single(_stage.Messages).Entries);
        Assert.Equal(("critical of vllm-m", Start, "http://h/#alerts/1"), (entry.What, entry.Since, entry.Link));
        Assert.Contains("helix local-llm logs vllm", entry.Left, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_was_told_that_it_is_so_is_told_that_it_is_over()
    {
        _stage.Turn(Told("critical", "vllm-m"));
        _stage.Pass(s_wait);
        _stage.Turn(Event("state.ready", "vllm-m"));
        _stage.Pass(s_pause);

        Assert.Equal(AlertState.Resolved, Only.State);
        Assert.Equal([(1, 0), (0, 1)], _stage.Messages.Select(message => (message.Firing, message.Resolved)));
        Assert.Equal("vllm-m state.ready", _stage.Messages[1].Entries[0].End);
        Assert.Empty(_stage.Book.Alerts);
    }

    [Fact]
    public void What_is_over_before_anybody_was_told_is_in_the_list_and_nowhere_else()
    {
        _stage.Turn(Told("unhealthy", "vllm-m", Severity.Warning));
        _stage.Pass(TimeSpan.FromSeconds(3));
        _stage.Turn(Event("state.ready", "vllm-m"));
        _stage.Pass(s_pause);

        Assert.Equal(AlertState.Resolved, Only.State);
        Assert.Empty(_stage.Messages);
    }

    [Fact]
    public void What_helix_does_about_it_belongs_to_it_and_what_is_worse_is_told_again()
    {
        _stage.Turn(Told("unhealthy", "vllm-m", Severity.Warning));
        _stage.Pass(s_wait);
        _stage.Turn(Told("rebuild", "vllm-m"), Event("healing.rebuilt", "vllm-m"), Told("given_up", "vllm-m", Severity.Critical));
        _stage.Pass(s_wait);

        Assert.Equal((Severity.Critical, "given_up of vllm-m", "rebuild of vllm-m; vllm-m healing.rebuilt"), (Only.Severity, Only.What, Only.Done));
        Assert.Equal([NoteKind.Fired, NoteKind.Worse], _stage.Messages.Select(message => message.Entries[0].Kind));
    }

    [Fact]
    public void A_storm_is_one_message_on_each_channel_and_none_is_lost_from_the_list()
    {
        _stage.Policy = new([new("web", Severity.Info, 60), new("mail", Severity.Warning, 60)]);
        string[] causes = ["critical", "permissions", "model_damaged", "owner", "foreign_process"];
        for (var turn = 0; turn < 40; turn++)
        {
            _stage.Turn([.. Enumerable.Range(turn * 25, 25).Select(at => Told(causes[at % causes.Length], $"s{at}"))]);
            _stage.Now += TimeSpan.FromMilliseconds(250);
        }

        _stage.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(1000, _stage.Listed.Count);
        Assert.All(_stage.Listed.Values, alert => Assert.Equal("web,mail", string.Join(',', alert.ToldTo)));
        Assert.Equal(["web", "mail"], _stage.Messages.Select(message => message.Channel));
        Assert.All(_stage.Messages, message => Assert.Equal((1000, AlertMessage.MostEntries), (message.Count, message.Entries.Length)));
    }

    [Fact]
    public void What_comes_and_goes_is_held_until_it_stays_away()
    {
        _stage.Policy = _stage.Policy with { Escalates = null };
        for (var round = 0; round < 3; round++)
        {
            _stage.Turn(Told("critical", "vllm-m"));
            _stage.Pass(TimeSpan.FromMinutes(3));
            _stage.Turn(Event("state.ready", "vllm-m"));
            _stage.Pass(TimeSpan.FromMinutes(3));
        }

        var last = _stage.Listed.Values.Last();
        Assert.Equal((true, AlertState.Firing, 3), (last.IsFlapping, last.State, _stage.Listed.Count));
        for (var round = 0; round < 10; round++)
        {
            _stage.Turn(Told("critical", "vllm-m"));
            _stage.Pass(TimeSpan.FromMinutes(1));
            _stage.Turn(Event("state.ready", "vllm-m"));
            _stage.Pass(TimeSpan.FromMinutes(5));
        }

        Assert.Equal((3, 5), (_stage.Listed.Count, _stage.Messages.Count));
        _stage.Pass(TimeSpan.FromMinutes(11));
        Assert.Equal(AlertState.Resolved, _stage.Listed.Values.Last().State);
        Assert.Equal(1, _stage.Messages[^1].Resolved);
    }

    [Fact]
    public void An_error_that_nobody_acknowledged_is_critical_and_told_again_ever_more_rarely()
    {
        _stage.Policy = _stage.Policy with { Channels = [new("web", Severity.Info, 1000), new("pager", Severity.Critical, 1000)] };
        _stage.Turn(Told("backup_failed", "daily"));
        _stage.Pass(TimeSpan.FromMinutes(25));
        Assert.Equal("web", Assert.Single(_stage.Messages).Channel);

        _stage.Pass(TimeSpan.FromHours(3), TimeSpan.FromSeconds(10));
        Assert.Equal(Severity.Critical, Only.Severity);
        Assert.NotNull(Only.EscalatedAt);
        Assert.Equal([NoteKind.Fired, NoteKind.Worse, NoteKind.Again], _stage.Messages.Where(message => message.Channel == "web").Select(message => message.Entries[0].Kind));
        Assert.Equal(2, _stage.Messages.Count(message => message.Channel == "pager"));

        Assert.IsType<WishOutcome.Done>(_stage.Ask(new AlertWish.Acknowledge([1], "ann", "the disk is on its way")));
        _stage.Pass(TimeSpan.FromHours(24), TimeSpan.FromSeconds(30));
        Assert.Equal(5, _stage.Messages.Count);
        Assert.Equal((AlertState.Acknowledged, "ann"), (Only.State, Only.AckedBy));
        _stage.Turn(Event("backup.backed_up", "x"));
        _stage.Pass(s_wait);
        Assert.Equal(2, _stage.Messages.Count(message => message.Resolved == 1));
    }

    [Fact]
    public void What_is_acknowledged_is_told_again_only_when_it_is_worse()
    {
        _stage.Turn(Told("critical", "vllm-m", Severity.Error));
        _stage.Ask(new AlertWish.Acknowledge(null, "ann", null));
        _stage.Turn(Told("critical", "vllm-m", Severity.Error));
        _stage.Pass(s_wait);
        Assert.Empty(_stage.Messages);

        _stage.Turn(Told("critical", "vllm-m", Severity.Critical));
        _stage.Pass(s_wait);
        Assert.Single(_stage.Messages);
        Assert.Equal(AlertState.Firing, Only.State);
    }

    [Fact]
    public void Of_what_is_silenced_nobody_is_told_until_the_silence_ends()
    {
        Assert.IsType<WishOutcome.Done>(_stage.Ask(new AlertWish.Quieten(null, new(null, null, null, "vllm-*"), _stage.Now + TimeSpan.FromHours(1), "ann", null)));
        _stage.Turn(Told("critical", "vllm-m"), Told("critical", "jan-m"));
        _stage.Pass(TimeSpan.FromMinutes(59), TimeSpan.FromSeconds(10));

        Assert.All(_stage.Messages, message => Assert.Equal("jan-m", Assert.Single(message.Entries).Subject));
        Assert.True(_stage.Book.IsSilenced(_stage.Listed[1], _stage.Now));
        _stage.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("vllm-m", _stage.Messages[^1].Entries[0].Subject);
        Assert.Empty(_stage.Book.Silences);
    }

    [Fact]
    public void A_silence_that_is_taken_back_is_none()
    {
        _stage.Turn(Told("critical", "vllm-m"));
        var silence = Assert.IsType<WishOutcome.Done>(_stage.Ask(new AlertWish.Quieten(1, null, _stage.Now + TimeSpan.FromHours(1), "ann", null)));
        _stage.Pass(s_pause);
        Assert.Empty(_stage.Messages);

        _stage.Ask(new AlertWish.EndSilence(silence.Id!.Value));
        _stage.Pass(TimeSpan.FromSeconds(2));
        Assert.Single(_stage.Messages);
    }

    [Fact]
    public void In_quiet_hours_only_what_is_worse_is_told_and_the_rest_together_afterwards()
    {
        _stage.Policy = _stage.Policy with { Quiet = ImmutableDictionary<Severity, MaintenanceWindow>.Empty.Add(Severity.Error, MaintenanceWindow.Parse("09:00-11:00")!) };
        _stage.Turn(Told("critical", "a"), Told("permissions", "b"), Told("critical", "c", Severity.Critical), Told("owner", "gone"));
        _stage.Turn(Event("cleared.owner", "gone"));
        _stage.Policy = _stage.Policy with { Escalates = null };
        _stage.Pass(TimeSpan.FromMinutes(59), TimeSpan.FromSeconds(5));
        Assert.Equal("c", Assert.Single(Assert.Single(_stage.Messages).Entries).Subject);

        _stage.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(["a", "b"], _stage.Messages[1].Entries.Select(entry => entry.Subject));
        Assert.Equal(2, _stage.Messages.Count);
    }

    [Fact]
    public void In_maintenance_nobody_is_told_of_anything()
    {
        _stage.Policy = _stage.Policy with { Maintenance = [WeekWindow.Parse("sun 09:00-11:00")!], Escalates = null };
        _stage.Turn(Told("critical", "a", Severity.Critical));
        _stage.Pass(TimeSpan.FromMinutes(59), TimeSpan.FromSeconds(5));
        Assert.Empty(_stage.Messages);

        _stage.Pass(TimeSpan.FromMinutes(2));
        Assert.Single(_stage.Messages);
    }

    [Fact]
    public void A_channel_that_had_its_messages_of_the_hour_has_the_rest_together_later()
    {
        _stage.Policy = new([new("web", Severity.Info, 2)]);
        string[] causes = ["critical", "permissions", "owner", "model_damaged", "disk_low", "cleanup_failed"];
        foreach (var cause in causes)
        {
            _stage.Turn(Told(cause, "x", Severity.Warning));
            _stage.Pass(s_wait);
        }

        Assert.Equal(2, _stage.Messages.Count);
        _stage.Pass(TimeSpan.FromHours(1), TimeSpan.FromSeconds(5));
        Assert.Equal([1, 1, 4], _stage.Messages.Select(message => message.Count));
    }

    [Fact]
    public void What_does_not_last_as_long_as_its_rule_wants_is_nothing()
    {
        _stage.Rules = new([Rule("lasting", new RuleTest.Causes(["critical"])) with { Type = null, Severity = null, For = TimeSpan.FromMinutes(1) }]);
        _stage.Turn(Told("critical", "a"));
        Assert.Equal(AlertState.Pending, Only.State);
        _stage.Pass(TimeSpan.FromSeconds(30));
        _stage.Turn(Event("state.ready", "a"));
        Assert.Empty(_stage.Listed);

        _stage.Turn(Told("critical", "a"));
        _stage.Pass(TimeSpan.FromSeconds(75));
        Assert.Equal(AlertState.Firing, Only.State);
        Assert.Single(_stage.Messages);
    }

    [Fact]
    public void A_rule_that_is_off_raises_nothing_and_ends_what_it_raised()
    {
        _stage.Turn(Told("critical", "a"));
        _stage.Rules = new([_stage.Rules.All[0] with { IsOn = false }]);
        _stage.Turn(Told("critical", "b"));

        Assert.Equal((AlertState.Resolved, "its rule is off"), (Only.State, Only.EndWords));
    }

    [Fact]
    public void An_alert_that_nobody_knows_is_told_as_it_came_and_is_over_after_a_day()
    {
        _stage.Rules = AlertRules.None;
        _stage.Turn(Told("something_new", "x", Severity.Warning));
        _stage.Pass(s_wait);
        Assert.Equal(("something_new", Severity.Warning), (Assert.Single(_stage.Messages).Entries[0].Cause, Only.Severity));

        _stage.Pass(TimeSpan.FromHours(25), TimeSpan.FromMinutes(1));
        Assert.Equal(AlertState.Resolved, Only.State);
    }

    [Fact]
    public void What_was_mended_at_once_is_told_once_and_its_end_is_not()
    {
        _stage.Turn(Told("permissions", "/h/db") with { Done = "helix took the rights away" }, Told("model_replaced", "tiny"));
        _stage.Pass(s_wait);
        _stage.Pass(TimeSpan.FromHours(2), TimeSpan.FromSeconds(10));

        var message = Assert.Single(_stage.Messages);
        Assert.Equal(2, message.Count);
        Assert.All(message.Entries, entry => Assert.True(entry.IsNotice));
        Assert.All(_stage.Listed.Values, alert => Assert.Equal(AlertState.Resolved, alert.State));
    }

    [Fact]
    public void What_is_mended_later_is_the_end_of_what_was_open()
    {
        _stage.Turn(Told("permissions", "/h/db"), Told("model_damaged", "tiny"));
        _stage.Pass(s_wait);
        _stage.Turn(Told("permissions", "/h/db") with { Done = "helix took the rights away" }, Told("model_replaced", "tiny"));
        _stage.Pass(s_pause);

        Assert.All(_stage.Listed.Values, alert => Assert.Equal(AlertState.Resolved, alert.State));
        Assert.Equal(["helix took the rights away", "model_replaced of tiny"], _stage.Messages[1].Entries.Select(entry => entry.End));
    }

    [Fact]
    public void The_next_backup_ends_the_trouble_of_a_copy_and_the_one_that_had_it_does_not()
    {
        _stage.Turn(Told("second_place_failed", "b1"), Event("backup.backed_up", "b1"));
        Assert.Equal(AlertState.Firing, Only.State);
        _stage.Turn(Event("backup.backed_up", "b2"));
        Assert.Equal(AlertState.Resolved, Only.State);
    }

    [Fact]
    public void A_clock_that_is_set_back_keeps_nobody_from_being_told()
    {
        _stage.Turn(Told("critical", "a"));
        _stage.Now -= TimeSpan.FromDays(3);
        _stage.Pass(s_wait);
        Assert.Single(_stage.Messages);

        _stage.Turn(Event("state.ready", "a"));
        _stage.Now -= TimeSpan.FromDays(3);
        _stage.Pass(s_pause + s_wait);
        Assert.Equal(1, _stage.Messages[^1].Resolved);
        Assert.True(Only.Since <= _stage.Now);
    }

    [Fact]
    public void What_cannot_be_done_is_said()
    {
        _stage.Turn(Told("critical", "a"));

        Assert.Equal("not_found", Refusal(new AlertWish.Acknowledge([7], "ann", null)));
        Assert.Equal("not_found", Refusal(new AlertWish.Quieten(7, null, _stage.Now.AddHours(1), "ann", null)));
        Assert.Equal("invalid", Refusal(new AlertWish.Quieten(1, null, _stage.Now, "ann", null)));
        Assert.Equal("invalid", Refusal(new AlertWish.Quieten(1, null, _stage.Now.AddYears(2), "ann", null)));
        Assert.Equal("invalid", Refusal(new AlertWish.Quieten(null, new(null, null, null, null), _stage.Now.AddHours(1), "ann", null)));
        Assert.Equal("not_found", Refusal(new AlertWish.EndSilence(1)));
        Assert.Equal("not_found", Refusal(new AlertWish.Test("pigeon")));

        string Refusal(AlertWish wish) => Assert.IsType<WishOutcome.Refused>(_stage.Ask(wish)).Code;
    }

    [Fact]
    public void A_test_goes_its_way_whatever_else_holds()
    {
        _stage.Policy = new([new("web", Severity.Critical, 1)]) { Maintenance = [WeekWindow.Parse("00:00-23:59")!] };

        var done = Assert.IsType<WishOutcome.Done>(_stage.Ask(new AlertWish.Test("web")));

        var message = Assert.Single(_stage.Messages);
        Assert.Equal((done.Key, true), (message.Key, message.IsTest));
    }

    [Theory]
    [InlineData("channel_down", "helix.channel_back")]
    [InlineData("channel_refused", "helix.channel_removed")]
    public void That_a_channel_does_not_work_is_told_on_the_others_alone_and_so_is_its_end(string cause, string end)
    {
        _stage.Policy = new([new("web", Severity.Info, 1000), new("mail", Severity.Info, 1000), new("pager", Severity.Error, 1000)]);
        for (var at = 0; at < 3; at++) _stage.Turn(Told(cause, "mail", Severity.Warning), Told(cause, "pager", Severity.Warning));
        _stage.Pass(s_wait);
        Assert.Equal([("mail", "pager"), ("web", "mail pager")], Entries(NoteKind.Fired));

        _stage.Turn(Event(end, "mail"), Event(end, "pager"));
        _stage.Pass(s_pause + s_wait);

        Assert.Equal([("mail", "pager"), ("web", "mail pager")], Entries(NoteKind.Resolved));
        Assert.All(_stage.Listed.Values, alert => Assert.Equal((AlertState.Resolved, AlertType.Health, 3L), (alert.State, alert.Type, alert.Count)));

        IEnumerable<(string Channel, string Subjects)> Entries(NoteKind kind) => _stage.Messages
            .Select(message => (message.Channel, Subjects: string.Join(' ', message.Entries.Where(entry => entry.Kind == kind).Select(entry => entry.Subject)))).Where(each => each.Subjects.Length > 0).Order();
    }

    [Fact]
    public void Where_nothing_happens_there_is_nothing_to_keep()
    {
        Assert.False(_stage.Turn(AlertInput.Nothing).IsChanged);
        Assert.False(_stage.Turn(Event("state.ready", "a")).IsChanged);
        _stage.Turn(Told("critical", "a"));
        _stage.Pass(s_wait);
        _stage.Now += TimeSpan.FromSeconds(10);
        Assert.False(_stage.Turn(AlertInput.Nothing).IsChanged);
    }
}
