using CsCheck;
using Helix.Core.Gateway;
using Helix.Core.History;
using Helix.Core.Reports;

namespace Helix.Core.Tests.Reports;

public sealed class ReportAdviceTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(19, 19, false)]
    [InlineData(100, 1, false)]
    [InlineData(100, 2, true)]
    [InlineData(20, 20, true)]
    public void Failures_are_pointed_at_where_there_are_enough_of_them_and_of_requests(long requests, long failed, bool isTold)
    {
        var report = ReportFacts.Of(ReportSample.Week with
        {
            Rows = [ReportSample.Row(s_hour, "", "vllm", "m", RequestOutcome.Answered, requests - failed, 1, 1), ReportSample.Row(s_hour, "", "vllm", "m", RequestOutcome.Failed, failed, 0, 0)],
        });

        Assert.Equal(isTold, report.Advice.Select(one => one.Id).Contains("failures"));
        if (isTold) Assert.Contains($"{failed} of {requests} requests failed", report.Advice.Single(one => one.Id == "failures").Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_piece_of_advice_rests_on_its_figures()
    {
        var report = ReportFacts.Of(ReportSample.Week with
        {
            Uptime = new Dictionary<UptimeKey, UptimeSpan> { [ReportSample.Day(1)] = ReportSample.Span(22, 2), [ReportSample.Day(1, "jan")] = ReportSample.Span(24, 0) },
            Events = [.. Enumerable.Range(1, 3).Select(number => ReportSample.Event(s_hour * number, HistoryKind.Healing, "vllm", "recovered")), ReportSample.Event(s_hour, HistoryKind.Update, "vllm", "refused")],
            Rows = [ReportSample.Row(s_hour, "notes", "vllm", "m", RequestOutcome.Answered, 20, 1, 1), ReportSample.Row(s_hour, "notes", "", "m", RequestOutcome.Refused, 10, 0, 0, ReportSource.None)],
            Library = [new("m", 5_000_000_000, ReportSample.Now.AddDays(-30)), new("old one", 4_000_000_000, ReportSample.Now.AddDays(-30)), new("new", 4_000_000_000, ReportSample.Now.AddDays(-1)), new("small", 1000, ReportSample.Now.AddDays(-30))],
        });

        Assert.Equal(
            [
                ("uptime", "up 91.66 % of the time, and 99.5 % is the target; down for 2 h 0 min", "helix history --severity error"),
                ("recoveries", "it came back 3 times", "helix history --kind healing --provider vllm"),
                ("refusals", "10 of 30 requests were refused (33.33 %)", "helix usage --per day --since 2026-11-22 --by key,model"),
                ("updates", "0 went back, 1 did not come", "helix history --kind update"),
                ("unused_model", "4 GB of disk, and no request in 7 d 0 h", "helix models remove 'old one'"),
            ],
            report.Advice.Select(one => (one.Id, one.Why, one.Command)));
    }

    [Fact]
    public void How_slow_a_cloud_is_asks_for_nothing_here()
    {
        var report = ReportFacts.Of(ReportSample.Week with { Rows = [Slow("here", ReportSource.Engine), Slow("there", ReportSource.Cloud)] });

        Assert.StartsWith("here begins late", Assert.Single(report.Advice, one => one.Id == "first_token").Words, StringComparison.Ordinal);

        static ReportRow Slow(string model, ReportSource source)
        {
            var row = ReportSample.Row(s_hour, "", model, model, RequestOutcome.Answered, 20, 1, 1, source);
            return row with { Sum = row.Sum with { FirstTokenTime = TimeSpan.FromSeconds(100) } };
        }
    }

    [Theory]
    [InlineData(1, "100 %")]
    [InlineData(0.999999, "99.99 %")]
    [InlineData(0.995, "99.5 %")]
    [InlineData(0.99499, "99.49 %")]
    [InlineData(0.02, "2 %")]
    [InlineData(0, "0 %")]
    public void What_misses_a_target_by_a_little_does_not_look_as_if_it_met_it(double share, string words) => Assert.Equal(words, ReportAdvices.Percent(share));

    [Fact]
    public void That_a_model_is_not_used_is_said_only_of_a_time_that_is_on_record()
    {
        var input = ReportSample.Week with
        {
            Rows = [ReportSample.Row(s_hour, "", "vllm", "m", RequestOutcome.Answered, 1, 1, 1)],
            Library = [new("old", 4_000_000_000, ReportSample.Now.AddDays(-30))],
        };

        Assert.Single(ReportFacts.Of(input).Advice);
        Assert.Empty(ReportFacts.Of(input with { Recorded = input.Recorded with { Usage = ReportSample.Now.AddDays(-6) } }).Advice);
        Assert.Empty(ReportFacts.Of(input with { Rows = [] }).Advice);
    }

    [Fact]
    public void What_was_answered_here_is_held_against_a_low_a_middle_and_a_high_price()
    {
        var savings = ReportFacts.Of(ReportSample.Week with
        {
            Rows =
            [
                ReportSample.Row(s_hour, "", "vllm", "m", RequestOutcome.Answered, 5, 600_000, 100_000),
                ReportSample.Row(s_hour, "", "cache", "m", RequestOutcome.Answered, 5, 400_000, 100_000, ReportSource.Memory),
                // not counted: what failed, what a cloud answered, what writes nothing
                ReportSample.Row(s_hour, "", "vllm", "m", RequestOutcome.Failed, 5, 9_000, 9_000),
                ReportSample.Row(s_hour, "", "a", "a/cheap", RequestOutcome.Answered, 5, 9_000, 9_000, ReportSource.Cloud),
                ReportSample.Row(s_hour, "", "vllm", "embedder", RequestOutcome.Answered, 5, 7_000, 0),
            ],
        }).Savings;

        Assert.Equal((1_000_000L, 200_000L, 7_000L), (savings.PromptTokens, savings.AnswerTokens, savings.LeftOutTokens));
        Assert.Equal([("lowest", "a/cheap", 1.4m), ("middle", "a/middle", 2.8m), ("highest", "b/dear", 14m)], savings.Against.Select(price => (price.Which, price.Model, price.CostUsd)));
    }

    [Fact]
    public void Models_that_were_asked_for_are_told_alone_and_the_cheapest_first()
    {
        var input = ReportSample.Week with { Rows = [ReportSample.Row(s_hour, "", "vllm", "m", RequestOutcome.Answered, 5, 1_000_000, 1)], Against = ["b/dear", "a/cheap", "b/dear"] };

        Assert.Equal([("asked", "a/cheap"), ("asked", "b/dear")], ReportFacts.Of(input).Savings.Against.Select(price => (price.Which, price.Model)));
    }

    [Fact]
    public void No_comparison_is_lower_than_that_of_fewer_tokens() => Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[1, 1_000_000], Gen.Int[0, 1_000_000]).Sample((prompt, answer, more) =>
    {
        var (few, many) = (Costs(prompt, answer), Costs(prompt + more, answer + more));
        return few.Zip(many).All(pair => pair.First <= pair.Second) && few.SequenceEqual(few.Order());

        static decimal[] Costs(long prompt, long answer) => [.. ReportFacts.Of(ReportSample.Week with { Rows = [ReportSample.Row(s_hour, "", "vllm", "m", RequestOutcome.Answered, 1, prompt, answer)] }).Savings.Against.Select(price => price.CostUsd)];
    });
}
