using Helix.Core.Hardware;

namespace Helix.Core.Tests.Hardware;

public class MachineLoadTests
{
    [Fact]
    public void Processors_are_busy_for_what_is_neither_idle_nor_waits_for_a_disk()
    {
        var before = ProcessorTime.Parse("cpu  100 0 50 800 50 0 0 0 7 0")!.Value;
        var after = ProcessorTime.Parse("cpu  130 0 60 850 60 0 0 0 9 0")!.Value;

        Assert.Equal((150, 1000), (before.Busy, before.All));
        Assert.Equal(0.4, after.Since(before)!.Value, 9);
        Assert.Null(before.Since(before));
    }

    [Theory]
    [InlineData("")]
    [InlineData("cpu0 1 2 3 4 5 6")]
    [InlineData("cpu 1 2 x 4 5 6")]
    [InlineData("cpu 1 2")]
    public void What_the_kernel_does_not_write_says_nothing(string line) => Assert.Null(ProcessorTime.Parse(line));

    [Fact]
    public void A_gpu_tells_what_it_does_and_leaves_out_what_it_does_not_know()
    {
        var loads = NvidiaSmi.ReadLoads("NVIDIA L4, 23034, 1024, 42, 61, 31.50\nNVIDIA T400, 2048, [N/A], [N/A], 40, [N/A]\nsomething went wrong\n\n");

        Assert.Equal(
            [new GpuLoad("NVIDIA L4", 23034L << 20, 1024L << 20, 0.42, 61, 31.5), new GpuLoad("NVIDIA T400", 2048L << 20, null, null, 40, null)],
            loads);
    }
}
