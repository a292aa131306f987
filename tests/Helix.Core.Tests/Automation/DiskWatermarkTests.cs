using CsCheck;
using Helix.Core.Automation;
using Helix.Core.Configuration;

namespace Helix.Core.Tests.Automation;

public class DiskWatermarkTests
{
    private const long Gigabyte = 1_000_000_000;

    [Theory]
    [InlineData(100, 5)]
    [InlineData(20, 2)]
    [InlineData(10_000, 50)]
    public void A_disk_is_low_below_five_percent_or_two_gigabytes_and_no_large_one_below_much(long total, long mark) =>
        Assert.Equal(mark * Gigabyte, DiskWatermark.Of(new(), total * Gigabyte));

    [Fact]
    public void Between_the_marks_it_stays_what_it_was() =>
        Gen.Select(Gen.Long[0, 1000 * Gigabyte], Gen.Long[1, 1000 * Gigabyte], Gen.Int[0, 90], Gen.Int[0, 100]).Sample((free, total, percent, gigabytes) =>
        {
            var config = new CleanupConfig(MinFreePercent: percent, MinFreeGb: gigabytes);
            if (DiskWatermark.IsLow(false, free, total, config)) Assert.True(DiskWatermark.IsLow(true, free, total, config));
            Assert.Equal(free < DiskWatermark.Of(config, total), DiskWatermark.IsLow(false, free, total, config));
        });
}
