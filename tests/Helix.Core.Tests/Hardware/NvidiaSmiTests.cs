using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Hardware;

public sealed class NvidiaSmiTests
{
    [Fact]
    public void Each_line_is_a_gpu() =>
        Assert.Equal(
            [
                new ComputeGpu(Accelerator.Nvidia, "NVIDIA GeForce RTX 3090", 24576L << 20, new Version(8, 6), new Version(550, 54, 14)),
                new ComputeGpu(Accelerator.Nvidia, "NVIDIA H100 80GB HBM3", 81559L << 20, new Version(9, 0), new Version(580, 65, 6)),
            ],
            NvidiaSmi.Read("NVIDIA GeForce RTX 3090, 8.6, 550.54.14, 24576\nNVIDIA H100 80GB HBM3, 9.0, 580.65.06, 81559\n"));

    [Fact]
    public void What_it_does_not_know_stays_unknown() =>
        Assert.Equal([new ComputeGpu(Accelerator.Nvidia, "NVIDIA GB10", null, new Version(12, 1), new Version(580, 95))], NvidiaSmi.Read("NVIDIA GB10, 12.1, 580.95, [N/A]\n"));

    [Theory]
    [InlineData("")]
    [InlineData("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n")]
    [InlineData("No devices were found\n")]
    public void An_error_is_no_gpu(string output) => Assert.Empty(NvidiaSmi.Read(output));
}
