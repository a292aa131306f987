using Helix.Core.Configuration;

namespace Helix.Core.Automation;

/// <summary>Whether the disk has little room. What had little has enough again only with a fifth more, so that it is not said again and again.</summary>
internal static class DiskWatermark
{
    private const long Gigabyte = 1000L * 1000 * 1000;

    /// <summary>A part of a very large disk is much, and no reason for an alert.</summary>
    private const long MostOfShare = 50 * Gigabyte;

    /// <summary>In bytes; with less there is little room.</summary>
    public static long Of(CleanupConfig config, long total) => Math.Max(config.MinFreeGb * Gigabyte, Math.Min(total / 100 * config.MinFreePercent, MostOfShare));

    public static bool IsLow(bool wasLow, long free, long total, CleanupConfig config) => Of(config, total) is var mark && free < (wasLow ? mark + mark / 5 : mark);
}
