using System.Numerics;

namespace Helix.Core.Telemetry;

/// <summary>Sorts times into steps that grow with them, eight to each doubling: what is read out again is off by at most about six percent.</summary>
internal static class LatencyScale
{
    private const int StepsBits = 3;
    private const int LeastBits = 6;
    private const int MostBits = 27;

    /// <summary>Of steps: the first holds all below 128 µs, the last all from about two minutes on.</summary>
    public const int Steps = (MostBits - LeastBits) << StepsBits;

    public static int StepOf(TimeSpan time)
    {
        var micros = (ulong)Math.Clamp(time.Ticks / TimeSpan.TicksPerMicrosecond, 1, (1L << MostBits) - 1);
        var bits = BitOperations.Log2(micros);
        if (bits <= LeastBits) return 0;
        return ((bits - LeastBits) << StepsBits) | (int)((micros >> (bits - StepsBits)) & ((1 << StepsBits) - 1));
    }

    /// <summary>The middle of a step, in milliseconds.</summary>
    public static double MillisecondsOf(int step)
    {
        if (step == 0) return (1 << LeastBits) / 1000.0;
        var bits = (step >> StepsBits) + LeastBits;
        var width = 1L << (bits - StepsBits);
        var begin = (1L << bits) + (step & ((1 << StepsBits) - 1)) * width;
        return (begin + width / 2.0) / 1000.0;
    }

    /// <summary>So large were <paramref name="share"/> of all, or smaller.</summary>
    /// <param name="counts">By step.</param>
    /// <param name="share">Above 0 and at most 1.</param>
    /// <returns>Milliseconds; null where nothing was counted.</returns>
    public static double? Quantile(ReadOnlySpan<long> counts, double share)
    {
        var all = 0L;
        foreach (var count in counts) all += count;
        if (all == 0) return null;
        var rank = Math.Max(1, (long)Math.Ceiling(share * all));
        var seen = 0L;
        for (var step = 0; step < counts.Length; step++)
            if ((seen += counts[step]) >= rank) return MillisecondsOf(step);
        return null;
    }
}
