using Helix.Core.History;

namespace Helix.Core.Tests.History;

public class SinceTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("30m", "2026-11-29T11:30:00Z")]
    [InlineData("2h", "2026-11-29T10:00:00Z")]
    [InlineData("3d", "2026-11-26T12:00:00Z")]
    [InlineData("1w", "2026-11-22T12:00:00Z")]
    [InlineData("2026-11-01", "2026-11-01T00:00:00Z")]
    [InlineData("2026-11-01T08:30", "2026-11-01T08:30:00Z")]
    [InlineData("2147483647w", "1970-01-01T00:00:00Z")]
    public void A_time_is_so_long_ago_or_a_date(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), Since.Parse(text, s_now));

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("-2h")]
    [InlineData("2 h")]
    [InlineData("2y")]
    [InlineData("yesterday")]
    [InlineData("2026-13-01")]
    [InlineData("99999999999d")]
    public void Anything_else_is_none(string text) => Assert.Null(Since.Parse(text, s_now));
}
