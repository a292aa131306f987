using System.Collections.Immutable;
using Helix.Core.Tuning;

namespace Helix.Core.Tests.Tuning;

public sealed class MemoryTrendTests
{
    private const long Megabyte = 1_000_000;

    private static readonly DateTimeOffset s_begin = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_leak_is_seen_and_when_it_comes_to_the_limit()
    {
        var trend = MemoryTrend.Of(Points(60, minute => 1000 + 2 * minute))!;

        Assert.Equal(120.0 * Megabyte, trend.BytesPerHour, Megabyte);
        Assert.Equal(1.0, trend.Until((1000 + 118 + 120) * Megabyte)!.Value.TotalHours, 0.05);
    }

    [Fact]
    public void A_cache_that_fills_and_is_full_is_no_leak() =>
        Assert.Null(MemoryTrend.Of(Points(60, minute => Math.Min(1000 + 20 * minute, 1300)))!.Until(1400 * Megabyte));

    [Fact]
    public void What_stays_never_comes_to_a_limit() => Assert.Null(MemoryTrend.Of(Points(60, minute => 1000 + minute % 3))!.Until(1010 * Megabyte));

    [Fact]
    public void Odd_points_do_not_bend_the_line() =>
        Assert.Equal(60.0 * Megabyte, MemoryTrend.Of(Points(60, minute => minute % 10 == 5 ? 5000 : 1000 + minute))!.BytesPerHour, 6 * Megabyte);

    [Fact]
    public void Little_that_was_seen_says_nothing()
    {
        Assert.Null(MemoryTrend.Of(Points(MemoryTrend.Fewest - 1, minute => 1000 + 50 * minute)));
        Assert.Null(MemoryTrend.Of(Points(20, minute => 1000 + 50 * minute)));
    }

    [Theory]
    [InlineData(60, 60, 60, true)]
    [InlineData(60, 80, 70, true)]
    [InlineData(60, 100, 60, false)]
    [InlineData(10, 10, 10, false)]
    public void Three_lives_of_about_the_same_length_are_a_rhythm(int first, int second, int third, bool expected) =>
        Assert.Equal(expected, FaultRhythm.Of([.. new[] { first, second, third }.Select(minutes => TimeSpan.FromMinutes(minutes))]) is not null);

    [Fact]
    public void Two_lives_are_chance_and_a_rhythm_is_due_before_its_end()
    {
        Assert.Null(FaultRhythm.Of([TimeSpan.FromHours(2), TimeSpan.FromHours(2)]));
        var rhythm = FaultRhythm.Of([TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(120), TimeSpan.FromMinutes(100), TimeSpan.FromMinutes(110)])!;
        Assert.False(rhythm.IsDue(TimeSpan.FromMinutes(79)));
        Assert.True(rhythm.IsDue(TimeSpan.FromMinutes(80)));
    }

    private static ImmutableArray<MemoryPoint> Points(int count, Func<int, long> megabytes) => [.. Enumerable.Range(0, count).Select(minute => new MemoryPoint(s_begin.AddMinutes(minute), megabytes(minute) * Megabyte))];
}
