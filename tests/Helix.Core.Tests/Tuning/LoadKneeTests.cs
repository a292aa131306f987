using Helix.Core.Tuning;

namespace Helix.Core.Tests.Tuning;

public sealed class LoadKneeTests
{
    [Theory]
    [InlineData("100", 1)]
    [InlineData("100 150 190 250", 4)]
    [InlineData("100 120 130 140", 8)]
    [InlineData("100 500", 1)]
    // what takes less than a twentieth of a second is nobody's trouble
    [InlineData("10 30 45 60", 4)]
    public void It_bears_as_many_as_come_before_the_first_token_takes_twice_as_long(string firstTokens, int expected) =>
        Assert.Equal(expected, LoadKnee.Of([.. firstTokens.Split(' ').Select((first, step) => Point(LoadKnee.Steps[step], double.Parse(first, System.Globalization.CultureInfo.InvariantCulture)))]));

    [Fact]
    public void One_that_fails_is_beyond_what_it_bears() => Assert.Equal(1, LoadKnee.Of([Point(1, 100), Point(2, 100) with { Failed = 1 }]));

    [Fact]
    public void Nothing_measured_is_no_knee() => Assert.Null(LoadKnee.Of([]));

    [Theory]
    [InlineData(50, 5)]
    [InlineData(95, 10)]
    [InlineData(100, 10)]
    public void Percentiles_are_values_that_were_seen(int percent, int expected) =>
        Assert.Equal(TimeSpan.FromSeconds(expected), LoadKnee.Percentile([.. Enumerable.Range(1, 10).Reverse().Select(second => TimeSpan.FromSeconds(second))], percent));

    private static LoadPoint Point(int concurrency, double milliseconds) => new(concurrency, TimeSpan.FromMilliseconds(milliseconds / 2), TimeSpan.FromMilliseconds(milliseconds), 10, 2 * concurrency, 0);
}
