using CsCheck;
using Helix.Core.Telemetry;

namespace Helix.Core.Tests.Telemetry;

public class LatencyScaleTests
{
    [Fact]
    public void What_is_read_out_is_off_by_at_most_seven_percent() => Gen.Int[128, 100_000_000].Sample(micros =>
        Math.Abs(LatencyScale.MillisecondsOf(LatencyScale.StepOf(TimeSpan.FromMicroseconds(micros))) / (micros / 1000.0) - 1) < 0.07);

    [Fact]
    public void Longer_times_are_in_no_lower_step() => Gen.Select(Gen.Long[0, 2_000_000_000_000], Gen.Long[0, 2_000_000_000_000]).Sample((one, other) =>
        LatencyScale.StepOf(TimeSpan.FromTicks(Math.Min(one, other))) <= LatencyScale.StepOf(TimeSpan.FromTicks(Math.Max(one, other))));

    [Fact]
    public void Every_time_has_a_step()
    {
        Assert.Equal(0, LatencyScale.StepOf(TimeSpan.Zero));
        Assert.Equal(0, LatencyScale.StepOf(TimeSpan.FromSeconds(-1)));
        Assert.Equal(LatencyScale.Steps - 1, LatencyScale.StepOf(TimeSpan.MaxValue));
    }

    [Fact]
    public void Shares_are_told_of_what_was_counted()
    {
        var counts = new long[LatencyScale.Steps];
        Assert.Null(LatencyScale.Quantile(counts, 0.5));
        counts[LatencyScale.StepOf(TimeSpan.FromMilliseconds(10))] = 98;
        counts[LatencyScale.StepOf(TimeSpan.FromMilliseconds(500))] = 2;

        Assert.InRange(LatencyScale.Quantile(counts, 0.5)!.Value, 9.3, 10.7);
        Assert.InRange(LatencyScale.Quantile(counts, 0.98)!.Value, 9.3, 10.7);
        Assert.InRange(LatencyScale.Quantile(counts, 0.99)!.Value, 465, 535);
    }
}
