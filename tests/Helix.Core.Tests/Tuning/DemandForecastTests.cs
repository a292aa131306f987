using Helix.Core.Tuning;

namespace Helix.Core.Tests.Tuning;

public sealed class DemandForecastTests
{
    // a Monday
    private static readonly DateTimeOffset s_since = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_used_on_each_weekday_at_nine_is_expected_there_and_nowhere_else()
    {
        var now = s_since.AddDays(28);
        var counts = Enumerable.Range(0, 28).Select(day => s_since.AddDays(day).AddHours(9)).Where(IsWeekday).Select(hour => new HourCount(hour, 3)).ToArray();

        var forecast = DemandForecast.Of(counts, s_since, now);

        Assert.True(forecast.IsFollowed);
        Assert.Equal(0.0, forecast.Error);
        Assert.Equal("of last week's hours that were used or foretold it was wrong about 0 %", forecast.Words);
        for (var hour = now; hour < now.AddDays(7); hour = hour.AddHours(1))
            Assert.Equal(hour.Hour == 9 && IsWeekday(hour), forecast.Chances[DemandForecast.IndexOf(hour)] >= DemandForecast.Likely);
        Assert.True(forecast.IsLikely(now.AddHours(9).AddMinutes(-5), TimeSpan.FromMinutes(10)));
        Assert.False(forecast.IsLikely(now.AddHours(8), TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void Use_without_a_pattern_is_not_followed()
    {
        var random = new Random(7);
        var counts = Enumerable.Range(0, 28 * 24).Where(_ => random.Next(10) == 0).Select(hour => new HourCount(s_since.AddHours(hour), 1)).ToArray();

        Assert.False(DemandForecast.Of(counts, s_since, s_since.AddDays(28)).IsFollowed);
    }

    [Fact]
    public void A_habit_that_changed_is_not_followed_until_the_new_one_is_known()
    {
        HourCount[] At(int hour, int fromWeek, int toWeek) => [.. Enumerable.Range(fromWeek * 7, (toWeek - fromWeek) * 7).Select(day => new HourCount(s_since.AddDays(day).AddHours(hour), 5))];

        var turned = DemandForecast.Of([.. At(9, 0, 3), .. At(20, 3, 4)], s_since, s_since.AddDays(28));
        Assert.False(turned.IsFollowed);

        var settled = DemandForecast.Of([.. At(9, 0, 3), .. At(20, 3, 8)], s_since, s_since.AddDays(56));
        Assert.True(settled.IsFollowed);
        Assert.True(settled.IsLikely(s_since.AddDays(56).AddHours(20), TimeSpan.Zero));
        Assert.False(settled.IsLikely(s_since.AddDays(56).AddHours(9), TimeSpan.Zero));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(13)]
    public void Less_than_two_weeks_are_no_forecast(int days)
    {
        var forecast = DemandForecast.Of([new(s_since.AddHours(9), 9)], s_since, s_since.AddDays(days));

        Assert.False(forecast.IsFollowed);
        Assert.Contains("of 2 weeks were seen", forecast.Words, StringComparison.Ordinal);
    }

    private static bool IsWeekday(DateTimeOffset day) => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);
}
