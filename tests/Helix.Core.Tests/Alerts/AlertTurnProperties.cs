using CsCheck;
using Helix.Core.Alerts;
using Helix.Core.History;
using static Helix.Core.Tests.Alerts.AlertStage;

namespace Helix.Core.Tests.Alerts;

/// <summary>Whatever happens, in whatever order, with a clock that jumps and a daemon that dies between two turns.</summary>
public sealed class AlertTurnProperties
{
    private static readonly string[] s_causes = ["critical", "permissions", "model_damaged"];
    private static readonly string[] s_subjects = ["a", "b", "c"];
    private static readonly string[] s_channels = ["web", "mail", "pager"];
    private static readonly Severity[] s_severities = [Severity.Warning, Severity.Error, Severity.Critical];

    [Fact]
    public void No_alert_is_lost_and_nobody_is_told_twice_or_told_the_end_of_what_he_never_heard() =>
        Gen.Int[0, 1_000_000].Array[250].Sample(
            draws =>
            {
                var stage = new AlertStage { Policy = new([new("web", Severity.Info, 1000), new("mail", Severity.Error, 1000), new("pager", Severity.Critical, 3)]) };
                var segments = new List<int>();
                var segment = 0;
                foreach (var draw in draws)
                {
                    segment += Step(stage, draw);
                    while (segments.Count < stage.Messages.Count) segments.Add(segment);
                }

                Calm(stage);
                while (segments.Count < stage.Messages.Count) segments.Add(segment);
                IsTrue(stage, segments);
            },
            iter: 60);

    [Fact]
    public void What_was_not_kept_comes_out_the_same_the_next_time() =>
        Gen.Int[0, 1_000_000].Array[120].Sample(
            draws =>
            {
                var (plain, restarted) = (new AlertStage(), new AlertStage());
                foreach (var draw in draws)
                {
                    Step(plain, draw);
                    restarted.Restart();
                    Step(restarted, draw);
                }

                Assert.Equal(plain.Messages.Select(AlertText.Plain), restarted.Messages.Select(AlertText.Plain));
                Assert.Equal(plain.Messages.Select(message => message.Key), restarted.Messages.Select(message => message.Key));
            },
            iter: 30);

    /// <returns>1 if the clock was set back.</returns>
    private static int Step(AlertStage stage, int draw)
    {
        var (cause, subject, severity) = (s_causes[draw / 10 % 3], s_subjects[draw / 30 % 3], s_severities[draw / 90 % 3]);
        switch (draw % 10)
        {
            case 0 or 1 or 2:
                stage.Turn(Told(cause, subject, severity));
                var open = Assert.Single(stage.Book.Alerts.Values, alert => alert.IsOpen && alert.Fingerprint == AlertCauses.FamilyOf(AlertCauses.Find(cause)!).FingerprintOf(null, subject));
                Assert.True(open.Severity >= severity && open.LastSeen == stage.Now);
                return 0;
            case 3 or 4:
                stage.Turn(cause switch { "critical" => Event("state.ready", subject), "permissions" => Event("cleared.permissions", subject), _ => Event("healing.model_whole", subject) });
                return 0;
            case 5 when draw / 10 % 3 == 0:
                if (stage.Book.Alerts.Values.Where(alert => alert.State is AlertState.Firing or AlertState.Acknowledged).MinBy(alert => alert.Id) is { } known)
                    Assert.IsType<WishOutcome.Done>(stage.Ask(new AlertWish.Resolve([known.Id], "ann", null)));
                return 0;
            case 5:
                stage.Ask(new AlertWish.Acknowledge(null, "ann", null));
                return 0;
            case 6 when draw / 10 % 7 == 0:
                stage.Now -= TimeSpan.FromSeconds(draw / 100);
                stage.Turn(AlertInput.Nothing);
                return 1;
            case 7 when draw / 10 % 5 == 0:
                stage.Now += TimeSpan.FromSeconds(draw / 50);
                stage.Turn(AlertInput.Nothing);
                return 0;
            case 8:
                stage.Restart();
                return 0;
            default:
                stage.Pass(TimeSpan.FromSeconds(draw / 10 % 200), TimeSpan.FromSeconds(5 + draw % 11));
                return 0;
        }
    }

    /// <summary>All is well again, for hours.</summary>
    private static void Calm(AlertStage stage)
    {
        foreach (var subject in s_subjects) stage.Turn(Event("state.ready", subject), Event("cleared.permissions", subject), Event("healing.model_whole", subject));
        stage.Pass(TimeSpan.FromHours(6), TimeSpan.FromSeconds(20));
    }

    private static void IsTrue(AlertStage stage, List<int> segments)
    {
        Assert.All(stage.Listed.Values, alert => Assert.Equal(AlertState.Resolved, alert.State));
        Assert.Empty(stage.Book.Alerts);
        Assert.Equal(stage.Messages.Count, stage.Messages.Select(message => message.Key).Distinct().Count());
        foreach (var channel in s_channels)
        {
            var told = new Dictionary<long, NoteKind>();
            foreach (var entry in stage.Messages.Where(message => message.Channel == channel).SelectMany(message => message.Entries))
            {
                if (entry.Kind == NoteKind.Resolved) Assert.True(told.TryGetValue(entry.Id, out var before) && before != NoteKind.Resolved, $"{channel} was told the end of alert {entry.Id} and not that it was so, or twice");
                else if (told.TryGetValue(entry.Id, out var known)) Assert.True(known != NoteKind.Resolved && entry.Kind != NoteKind.Fired, $"{channel} was told of alert {entry.Id} as new, and knew it");
                told[entry.Id] = entry.Kind;
            }

            Assert.All(told, pair => Assert.Equal(NoteKind.Resolved, pair.Value));
            AreFarApart(stage, segments, channel);
        }
    }

    /// <summary>Two messages of a group come not sooner than its pause, unless the later one is worse.</summary>
    private static void AreFarApart(AlertStage stage, List<int> segments, string channel)
    {
        var last = new Dictionary<string, (DateTimeOffset At, int Segment, Severity Worst)>(StringComparer.Ordinal);
        for (var at = 0; at < stage.Messages.Count; at++)
        {
            var message = stage.Messages[at];
            if (message.Channel != channel) continue;
            foreach (var group in message.Entries.GroupBy(entry => entry.Cause))
            {
                var worst = group.Where(entry => entry.Kind != NoteKind.Resolved).Select(entry => (int)entry.Severity).DefaultIfEmpty(-1).Max();
                if (last.TryGetValue(group.Key, out var before) && before.Segment == segments[at] && message.At - before.At < stage.Policy.Pause)
                    Assert.True(worst > (int)before.Worst, $"{channel}: {group.Key} at {before.At:HH:mm:ss} and at {message.At:HH:mm:ss}");
                last[group.Key] = (message.At, segments[at], group.Max(entry => entry.Severity));
            }
        }
    }
}
