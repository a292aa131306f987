using System.Globalization;

namespace Helix.Core.Models;

/// <summary>Bytes as people read them, in decimal units as disks and hubs count.</summary>
internal static class ByteCount
{
    private static readonly string[] s_units = ["kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>For example <c>731 bytes</c>, <c>12.3 MB</c>.</summary>
    public static string Words(long bytes)
    {
        if (Math.Abs((double)bytes) < 1000) return string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
        var value = bytes / 1000.0;
        var unit = 0;
        while (Math.Abs(value) >= 999.95 && unit < s_units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {s_units[unit]}");
    }
}
