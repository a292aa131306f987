using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class SseEventsTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("data: 1\n\n", 1)]
    [InlineData("data: 1\n\nevent: a\ndata: 2\n\n\n\n\ndata: 3\n\ndata: ", 3)]
    [InlineData("data: 1\r\n\r\ndata: 2\r\n\r\n", 2)]
    [InlineData("\n\n", 1)]
    public void Events_are_counted_by_the_blank_lines_that_close_them(string events, int count) => Assert.Equal(count, SseEvents.Count(Encoding.UTF8.GetBytes(events)));

    /// <summary>Also where a blank line stands over the border of two blocks that are looked at together.</summary>
    [Fact]
    public void A_count_does_not_depend_on_where_a_blank_line_stands() => Gen.Char["\n\n\n\r\na\u00e9"].Array[0, 300].Select(letters => new string(letters)).Sample(events =>
        SseEvents.Count(Encoding.UTF8.GetBytes(events)) == Regex.Count(events, "\n{2,}") + Regex.Count(events, "\r\n\r\n"));
}
