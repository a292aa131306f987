using System.Collections.Immutable;
using CsCheck;
using Helix.Core.Alerts;
using Helix.Core.Telemetry;

namespace Helix.Core.Tests.Alerts;

public sealed class RequestRatesTests
{
    private static readonly ImmutableArray<double> s_bounds = [1, 2, 4];

    [Fact]
    public void Ninety_five_of_a_hundred_lie_below()
    {
        Assert.Null(RequestRates.Quantile([0, 0, 0, 0], s_bounds, 0.95));
        Assert.Equal(0.95, RequestRates.Quantile([100, 0, 0, 0], s_bounds, 0.95)!.Value, 6);
        Assert.Equal(1.5, RequestRates.Quantile([0, 10, 0, 0], s_bounds, 0.5)!.Value, 6);
        Assert.Equal(4.0, RequestRates.Quantile([0, 0, 0, 7], s_bounds, 0.95)!.Value, 6);
    }

    [Fact]
    public void It_is_never_outside_of_the_bounds_and_grows_with_the_share() =>
        Gen.Select(Gen.Int[0, 50].Array[4], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((counts, one, other) =>
        {
            ImmutableArray<long> all = [.. counts.Select(count => (long)count)];
            var (low, high) = (RequestRates.Quantile(all, s_bounds, Math.Min(one, other)), RequestRates.Quantile(all, s_bounds, Math.Max(one, other)));
            Assert.Equal(all.Sum() == 0, low is null);
            if (low is not null) Assert.True(low <= high && low >= 0 && high <= 4);
        });

    [Fact]
    public void Only_what_came_between_two_looks_counts()
    {
        RequestCounts[] before = [Counts("vllm", answered: 100, failed: 100, firstToken: 0, perToken: 2)];
        RequestCounts[] now = [Counts("vllm", answered: 120, failed: 100, firstToken: 0, perToken: 2)];

        var values = RequestRates.Of(before, now).ToDictionary(value => value.Measure);

        Assert.Equal(0.0, values[AlertMeasure.FailedPercent].Value);
        Assert.Equal(("vllm/m", "vllm"), (values[AlertMeasure.FirstToken].Subject, values[AlertMeasure.FirstToken].Provider));
        Assert.InRange(values[AlertMeasure.FirstToken].Value, 0, Measures.FirstToken.Bounds[0]);
        Assert.Equal(1.0, values[AlertMeasure.Slowdown].Value, 3);
    }

    [Fact]
    public void A_token_that_takes_longer_than_before_is_seen()
    {
        RequestCounts[] before = [Counts("vllm", answered: 100, failed: 0, firstToken: 0, perToken: 0)];
        RequestCounts[] now = [before[0] + Counts("vllm", answered: 20, failed: 0, firstToken: 0, perToken: 8)];

        Assert.True(RequestRates.Of(before, now).Single(value => value.Measure == AlertMeasure.Slowdown).Value > 10);
    }

    [Fact]
    public void Of_few_requests_nothing_is_said_and_none_is_of_nobody()
    {
        Assert.Empty(RequestRates.Of([], [Counts("vllm", answered: 9, failed: 0, firstToken: 0, perToken: 0)]));
        Assert.Equal([AlertMeasure.FailedPercent], RequestRates.Of([], [Counts("", answered: 0, failed: 10, firstToken: 0, perToken: 0)]).Select(value => value.Measure));
    }

    [Theory]
    [InlineData(1, 0.0, 1.5)]
    [InlineData(1, 1.0, 2.5)]
    [InlineData(3, 0.5, 8.0)]
    [InlineData(7, 0.5, 120.0)]
    [InlineData(1_000_000, 1.0, 150.0)]
    public void Pauses_grow_to_a_limit(int failures, double draw, double seconds) => Assert.Equal(seconds, DeliveryPolicy.Delay(failures, draw).TotalSeconds, 3);

    /// <param name="firstToken">In which of its buckets all are; in the same way for tokens.</param>
    private static RequestCounts Counts(string provider, long answered, long failed, int firstToken, int perToken) => new(
        provider, "m", [answered, 0, failed, 0],
        [.. Enumerable.Range(0, Measures.FirstToken.Bounds.Length + 1).Select(at => at == firstToken ? answered : 0)],
        [.. Enumerable.Range(0, Measures.PerToken.Bounds.Length + 1).Select(at => at == perToken ? answered : 0)]);
}
