using Helix.Core.Processes;

namespace Helix.Core.Tests.Processes;

public class ProcStatusTests
{
    private const string Text = "Name:\tserver\nUmask:\t0077\nUid:\t1000\t1001\t1000\t1000\nGid:\t5\t5\t5\t5\nCapEff:\t0000000000200000\nNoNewPrivs:\t1\nSeccomp:\t2\n";

    [Fact]
    public void What_a_process_may_do_is_read() => Assert.Equal(new ProcStatus(1001, true, 2, 0x200000), ProcStatus.Parse(Text));

    [Theory]
    [InlineData("Seccomp:\t2\n")]
    [InlineData("NoNewPrivs:\t1\n")]
    [InlineData("CapEff:\t0000000000200000\n")]
    public void Where_the_kernel_leaves_something_out_nothing_is_known(string line) => Assert.Null(ProcStatus.Parse(Text.Replace(line, "", StringComparison.Ordinal)));

    [Fact]
    public void A_process_that_is_gone_says_nothing() => Assert.Null(ProcStatus.Parse(""));
}
