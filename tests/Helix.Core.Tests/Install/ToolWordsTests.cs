using Helix.Core.Install;

namespace Helix.Core.Tests.Install;

public sealed class ToolWordsTests
{
    [Theory]
    [InlineData("json.decoder.JSONDecodeError: Expecting ',' delimiter: line 1 column 46 (char 45)")] // pip, of an index that broke off
    [InlineData("npm error Unexpected end of JSON input")]
    [InlineData("npm error code ERR_STREAM_PREMATURE_CLOSE")]
    [InlineData("npm error network read ECONNRESET")]
    [InlineData("fatal: early EOF")]
    public void What_came_broken_is_trouble_with_the_network_and_tried_again_soon(string line) => Assert.Equal(ToolTrouble.Network, ToolWords.TroubleIn(["something", line]));

    [Fact]
    public void What_waiting_does_not_mend_is_not() => Assert.Equal(ToolTrouble.Other, ToolWords.TroubleIn(["error: it is broken"]));
}
