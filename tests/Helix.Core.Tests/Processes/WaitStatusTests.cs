using Helix.Core.Processes;

namespace Helix.Core.Tests.Processes;

public sealed class WaitStatusTests
{
    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(0x0300, 3, null)]
    [InlineData(0xff00, 255, null)]
    [InlineData(9, null, 9)]
    [InlineData(0x8b, null, 11)]
    public void A_code_and_a_signal_are_told_apart_and_a_core_dump_changes_nothing(int status, int? code, int? signal) =>
        Assert.Equal(new WaitStatus(code, signal), WaitStatus.Decode(status));
}
