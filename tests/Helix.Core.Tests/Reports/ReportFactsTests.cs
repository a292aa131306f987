using CsCheck;
using Helix.Core.Gateway;
using Helix.Core.History;
using Helix.Core.Reports;

namespace Helix.Core.Tests.Reports;

public sealed class ReportFactsTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    [Fact]
    public void A_time_of_which_nothing_is_on_record_is_told_as_that()
    {
        var report = ReportFacts.Of(ReportInput.Begin(ReportSample.Now.AddDays(-7), ReportSample.Now));

        Assert.Equal(
            ["No request to a model was ever recorded.", "No uptime was ever recorded.", "No event was ever recorded, so nothing is known of recoveries and updates."],
            report.Period.Notes);
        Assert.Empty(report.Advice);
        Assert.Empty(report.Usage.Points);
        Assert.Empty(report.Savings.Against);
        Assert.Null(report.Usage.All.FirstTokenMs);
    }

    [Fact]
    public void What_is_on_record_only_since_some_moment_says_so()
    {
        var since = ReportSample.Now.AddDays(-2);
        var report = ReportFacts.Of(ReportSample.Week with
        {
            Recorded = new(since, DateOnly.FromDateTime(since.UtcDateTime), since),
            Rows = [ReportSample.Row(s_hour, "", "builtin", "m", RequestOutcome.Answered, 1, 5, 5)],
        });

        Assert.Equal(
            [
                "The first request on record is of 2026-11-27 12:30 UTC: nothing was recorded before.",
                "Uptime is on record since 2026-11-27: nothing was recorded before.",
                "The history begins at 2026-11-27 12:30 UTC: of recoveries and updates before that nothing is known.",
            ],
            report.Period.Notes);
        // no column for a time of which nothing is known
        Assert.Equal(since, report.Usage.Points[0].At);
    }

    [Fact]
    public void A_time_in_which_nobody_asked_is_told_as_that() =>
        Assert.Contains("Nobody asked a model for anything in this time.", ReportFacts.Of(ReportSample.Week).Period.Notes);

    [Fact]
    public void Hours_are_counted_as_long_as_they_are_kept_and_days_beyond() => Gen.Int[0, 60 * 24 * 2000].Sample(minutes =>
    {
        var asked = ReportSample.Now.AddMinutes(-minutes);
        var input = ReportInput.Begin(asked, ReportSample.Now);
        return input.From <= asked && asked - input.From < input.Per.Length && input.Per == (minutes <= 89 * 24 * 60 + 23 * 60 ? UsageSpan.Hour : UsageSpan.Day);
    });

    [Fact]
    public void Uptime_is_added_up_over_the_days_of_the_time_and_told_of_each()
    {
        var report = ReportFacts.Of(ReportSample.Week with
        {
            Uptime = new Dictionary<UptimeKey, UptimeSpan>
            {
                [ReportSample.Day(0)] = ReportSample.Span(12, 0), [ReportSample.Day(3)] = ReportSample.Span(21, 3), [ReportSample.Day(9)] = ReportSample.Span(0, 24), [ReportSample.Day(1, "vllm")] = ReportSample.Span(1, 1),
            },
        });

        Assert.Equal(["helix", "vllm"], report.Uptime.Of.Select(one => one.Id));
        var whole = report.Uptime.Of[0];
        Assert.Equal((33.0 / 36, 3 * 3600.0), (whole.Share!.Value, whole.DownSeconds));
        Assert.Equal([0.875, 1.0], whole.Days.Select(day => day.Share!.Value));
    }

    [Fact]
    public void Recoveries_and_updates_are_counted_with_what_they_took()
    {
        var report = ReportFacts.Of(ReportSample.Week with
        {
            Events =
            [
                ReportSample.Event(s_hour, HistoryKind.Healing, "vllm", "recovered", """{"seconds":2.5,"start_seconds":1}"""),
                ReportSample.Event(s_hour * 2, HistoryKind.Healing, "vllm", "recovered", """{"seconds":7.5}"""),
                ReportSample.Event(s_hour * 3, HistoryKind.Healing, "vllm", "recovered", "no json"),
                ReportSample.Event(s_hour * 3, HistoryKind.Healing, "vllm", "out_of_memory"),
                ReportSample.Event(s_hour * 4, HistoryKind.Healing, "jan", "given_up"),
                ReportSample.Event(s_hour * 2, HistoryKind.Update, "vllm", "rolled_back"),
                ReportSample.Event(s_hour * 5, HistoryKind.Update, "vllm", "switched"),
                ReportSample.Event(s_hour * 6, HistoryKind.Update, "vllm", "begun"),
                ReportSample.Event(s_hour * 7, HistoryKind.Update, "helix", "not_built"),
            ],
        });

        Assert.Equal((3, 5.0, 7.5, 1), (report.Healing.Recoveries, report.Healing.MeanSeconds!.Value, report.Healing.LongestSeconds!.Value, report.Healing.GivenUp));
        Assert.Equal(new ReportHealed("vllm", 3, 7.5), Assert.Single(report.Healing.Providers));
        Assert.Equal([new ReportCount("given_up", 1), new ReportCount("out_of_memory", 1)], report.Healing.Events);
        Assert.Equal((1, 1, 1), (report.Updates.Switched, report.Updates.RolledBack, report.Updates.Failed));
        Assert.Equal(["not_built", "switched", "rolled_back"], report.Updates.Events.Select(one => one.What));
    }

    [Fact]
    public void Points_lose_no_request_and_no_token() => Gen.Select(Gen.Int[0, 7 * 24 * 60 - 1].Array[1, 30], Gen.Int[1, 500], Gen.Int[0, 500]).Sample((ago, prompt, answer) =>
    {
        var rows = ago.Select((minutes, at) => ReportSample.Row(TimeSpan.FromMinutes(minutes), "", "builtin", "m", (RequestOutcome)(at % 4), at + 1, prompt, answer)).ToArray();
        var usage = ReportFacts.Of(ReportSample.Week with { Rows = rows }).Usage;
        return usage.Points.Count <= ReportUsages.MostPoints
            && usage.Points.Sum(point => point.Requests) == usage.All.Requests && usage.All.Requests == rows.Sum(row => row.Sum.Requests)
            && usage.Points.Sum(point => point.PromptTokens) == usage.All.PromptTokens && usage.Points.Sum(point => point.AnswerTokens) == usage.All.AnswerTokens
            && usage.Points.Zip(usage.Points.Skip(1)).All(pair => pair.First.At < pair.Second.At);
    });

    [Fact]
    public void The_ten_that_took_most_are_told_and_the_others_as_one()
    {
        var usage = ReportFacts.Of(ReportSample.Week with { Rows = [.. Enumerable.Range(1, 13).Select(number => ReportSample.Row(s_hour, $"key-{number}", "builtin", "m", RequestOutcome.Answered, 1, number * 100, number))] }).Usage;

        Assert.Equal(ReportUsages.Top + 1, usage.Keys.Count);
        Assert.Equal(("key-13", 0), (usage.Keys[0].Name, usage.Keys[0].Others));
        Assert.Equal((3, 3L, 600L), (usage.Keys[^1].Others, usage.Keys[^1].Requests, usage.Keys[^1].PromptTokens));
        Assert.Equal(usage.All.Tokens, usage.Keys.Sum(key => key.Tokens));
    }

    [Fact]
    public void Answers_from_memory_and_vectors_do_not_make_an_engine_look_faster_or_slower()
    {
        var usage = ReportFacts.Of(ReportSample.Week with
        {
            Rows =
            [
                ReportSample.Row(s_hour, "", "builtin", "m", RequestOutcome.Answered, 2, 10, 40),
                ReportSample.Row(s_hour, "", "cache", "m", RequestOutcome.Answered, 50, 10, 4000, ReportSource.Memory),
                ReportSample.Row(s_hour, "", "builtin", "embedder", RequestOutcome.Answered, 30, 10, 0),
            ],
        }).Usage;

        Assert.Equal((50L, 32L, 200.0, 20.0), (usage.FromMemory, usage.All.Streams, usage.All.FirstTokenMs!.Value, usage.All.TokensPerSecond!.Value));
    }
}
