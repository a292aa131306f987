using Helix.Core.Hardware;

namespace Helix.Core.Tests.Hardware;

public sealed class VariantTestTests
{
    private static readonly string s_device = VariantTest.LineOf("Vulkan0", "AMD Radeon\n(RADV)", 8_000_000_000);

    [Fact]
    public void Devices_and_a_verdict_pass_whatever_a_driver_writes_between() =>
        Assert.Equal(new VariantTest.Passed("Vulkan0 (AMD Radeon (RADV), 8.0 GB)"), VariantTest.Read($"driver: hello\n{s_device}\nwarning\n{VariantTest.PassedLine}\n"));

    [Fact]
    public void A_verdict_without_a_device_does_not_pass() => Assert.IsType<VariantTest.Failed>(VariantTest.Read(VariantTest.PassedLine + "\n"));

    [Fact]
    public void Without_a_verdict_the_last_words_are_the_reason()
    {
        Assert.Equal(new VariantTest.Failed("no kernel image is available"), VariantTest.Read($"{s_device}\nno kernel image is available\n"));
        Assert.Equal(new VariantTest.Failed("it ended without a word"), VariantTest.Read(s_device + "\n"));
        Assert.Equal(new VariantTest.Failed("it ended without a word"), VariantTest.Read(""));
    }

    [Fact]
    public void A_verdict_in_the_middle_of_a_line_is_none() => Assert.IsType<VariantTest.Failed>(VariantTest.Read($"{s_device}\nnot {VariantTest.PassedLine}\n"));
}
