using Helix.Core.Cli;

namespace Helix.Core.Tests.Cli;

public sealed class HumanTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1 kB")]
    [InlineData(999_960, "1 MB")]
    [InlineData(1_185_376, "1.2 MB")]
    [InlineData(18_500_000_000, "18.5 GB")]
    [InlineData(5e15, "5000 TB")]
    public void Bytes_are_counted_in_thousands(double bytes, string text) => Assert.Equal(text, Human.Bytes(bytes));

    [Theory]
    [InlineData(260_032, "260 K")]
    [InlineData(1.1e9, "1.1 B")]
    [InlineData(7, "7")]
    public void Parameters_have_letters(double count, string text) => Assert.Equal(text, Human.Count(count));

    [Theory]
    [InlineData(-1, "0 s")]
    [InlineData(42.9, "42 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(7500, "2 h 5 min")]
    [InlineData(100_000, "1 d 3 h")]
    public void Spans_have_two_parts(double seconds, string text) => Assert.Equal(text, Human.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(250, 1000L, 50.0, 8, "[##......]  25 %  250 B of 1 kB  50 B/s  15 s left")]
    [InlineData(1000, 1000L, 50.0, 0, "100 %  1 kB of 1 kB  50 B/s  0 s left")]
    [InlineData(999, 1000L, null, 0, "99 %  999 B of 1 kB")]
    [InlineData(5000, null, 10.0, 8, "5 kB  10 B/s")]
    [InlineData(2000, 1000L, null, 4, "[####]  100 %  2 kB of 1 kB")]
    [InlineData(1, 0L, null, 4, "1 B")]
    public void A_download_is_a_line(long done, long? total, double? rate, int width, string line) => Assert.Equal(line, PullProgress.Line(done, total, rate, width));
}
