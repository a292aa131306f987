using Helix.Core.Telemetry;
using Helix.Telemetry;

namespace Helix.Tests.Telemetry;

public sealed class StreamPacesTests
{
    private static readonly TimeSpan s_took = TimeSpan.FromMilliseconds(10);

    private readonly Clock _clock = new(new DateTimeOffset(2026, 11, 29, 10, 30, 40, TimeSpan.Zero));

    [Fact]
    public void Its_minutes_are_those_that_the_clock_shows()
    {
        var paces = new StreamPaces(_clock);
        Assert.Equal((0L, MinuteOf("10:30")), (paces.Running, paces.FirstMinute));

        _clock.Pass(TimeSpan.FromSeconds(19));
        Assert.Equal(0L, paces.Running);
        _clock.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal((1L, MinuteOf("10:30")), (paces.Running, paces.FirstMinute));
    }

    [Fact]
    public void Where_the_clock_is_set_what_was_counted_goes_along()
    {
        var paces = new StreamPaces(_clock);
        _clock.Pass(TimeSpan.FromMinutes(3));
        _clock.Set(TimeSpan.FromHours(2));

        Assert.Equal((3L, MinuteOf("12:30")), (paces.Running, paces.FirstMinute));
        // a clock that goes a little wrong, and is set right again, moves nothing
        _clock.Set(TimeSpan.FromSeconds(-20));
        Assert.Equal(MinuteOf("12:30"), paces.FirstMinute);
    }

    [Fact]
    public void Models_that_served_nobody_for_an_hour_give_way_and_of_too_many_the_last_are_counted_together()
    {
        var paces = new StreamPaces(_clock);
        for (var at = 0; at < StreamPaces.Most; at++) paces.Of("vllm", $"m{at}").Pauses.Add(s_took);
        paces.Of("vllm", "one more").FirstTokens.Add(s_took);
        paces.Of("vllm", "another").FirstTokens.Add(s_took);

        Assert.Equal(StreamPaces.Most + 1, paces.All.Count());
        var together = Assert.Single(paces.All, pace => !pace.IsToldApart);
        Assert.Equal(2, CountOf(together.FirstTokens));

        _clock.Pass(TimeSpan.FromMinutes(61));
        paces.Of("vllm", "m7").PerTokens.Add(s_took);
        paces.Of("vllm", "new").PerTokens.Add(s_took);
        Assert.Equal(["m7", "new"], paces.All.Where(pace => pace.IsToldApart).Select(pace => pace.Model).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Whoever_asks_at_the_same_moment_gets_the_same()
    {
        var paces = new StreamPaces(_clock);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var number = 0; number < 1000; number++) paces.Of("vllm", $"m{number % 3}").FirstTokens.Add(s_took);
        })));

        Assert.Equal(8000, paces.All.Sum(pace => CountOf(pace.FirstTokens)));
    }

    private static long MinuteOf(string clock) => (long)(DateTimeOffset.Parse($"2026-11-29T{clock}:00Z", System.Globalization.CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).TotalMinutes;

    private static int CountOf(LatencyWindow window)
    {
        var counts = new long[LatencyScale.Steps];
        window.AddTo(counts, LatencyWindow.Minutes);
        return (int)counts.Sum();
    }

    /// <summary>One that goes on and can be set besides, as that of a machine.</summary>
    private sealed class Clock(DateTimeOffset begin) : TimeProvider
    {
        private TimeSpan _passed = TimeSpan.FromHours(1);
        private TimeSpan _set = TimeSpan.FromHours(-1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _passed.Ticks;

        public override DateTimeOffset GetUtcNow() => begin + _passed + _set;

        public void Pass(TimeSpan span) => _passed += span;

        public void Set(TimeSpan by) => _set += by;
    }
}
