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

    [Theory]
    [InlineData("NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -2] Name or service not known')", "Failed to establish a new connection: [Errno -2] Name or service not known")]
    [InlineData("NameResolutionError(\"HTTPSConnection(host='packages.example.org', port=443): Failed to resolve 'packages.example.org' ([Errno -2] Name or service not known)\")", "Name or service not known")]
    public void What_pip_could_not_reach_is_told_and_not_that_it_then_found_no_versions(string cause, string told)
    {
        var warning = $"WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by '{cause}': /simple/vllm/";
        string[] said = [warning, warning, "ERROR: Could not find a version that satisfies the requirement vllm==0.11.0 (from versions: none)", "ERROR: No matching distribution found for vllm==0.11.0"];

        Assert.Equal(told, ToolWords.Last(said));
        Assert.Equal(ToolTrouble.Network, ToolWords.TroubleIn(said));
    }

    [Fact]
    public void What_waiting_does_not_mend_is_not() => Assert.Equal(ToolTrouble.Other, ToolWords.TroubleIn(["error: it is broken"]));
}
