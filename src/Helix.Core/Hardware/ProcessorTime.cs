using System.Globalization;

namespace Helix.Core.Hardware;

/// <summary>What Linux says of its processors in the first line of <c>/proc/stat</c>, in clock ticks of all of them since boot. See proc(5).</summary>
internal readonly record struct ProcessorTime(long Busy, long All)
{
    private const int Idle = 3;
    private const int WaitsForDisk = 4;

    /// <summary>Guests are counted among users already.</summary>
    private const int Counted = 8;

    /// <returns>Null where the line is not what the kernel writes.</returns>
    public static ProcessorTime? Parse(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= WaitsForDisk + 1 || fields[0] != "cpu") return null;
        var (all, idle) = (0L, 0L);
        for (var at = 0; at < Math.Min(Counted, fields.Length - 1); at++)
        {
            if (!long.TryParse(fields[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)) return null;
            all += ticks;
            if (at is Idle or WaitsForDisk) idle += ticks;
        }

        return new(all - idle, all);
    }

    /// <summary>Share of all processors that was busy since an earlier look; null where no time has passed.</summary>
    public double? Since(ProcessorTime before) => All > before.All ? Math.Clamp((double)(Busy - before.Busy) / (All - before.All), 0, 1) : null;
}
