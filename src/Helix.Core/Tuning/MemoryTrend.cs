using System.Collections.Immutable;

namespace Helix.Core.Tuning;

/// <summary>What an engine took of the memory at a moment.</summary>
internal readonly record struct MemoryPoint(DateTimeOffset At, long Bytes);

/// <summary>
/// Whether an engine takes ever more memory: a straight line through what was seen, by the median of the slopes between all pairs (Theil and Sen), which a few
/// odd points do not bend. What fills a cache grows, too, and then stops: the line counts only where the second half grows as the whole does.
/// </summary>
/// <param name="BytesPerHour">0 where it does not grow.</param>
internal sealed record MemoryTrend(double BytesPerHour, long Now)
{
    public const int Fewest = 12;

    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(30);

    /// <summary>A second half that grows by less than this part of the whole's slope is filling up.</summary>
    private const double Steady = 0.5;

    /// <returns>Null where too little was seen.</returns>
    public static MemoryTrend? Of(ImmutableArray<MemoryPoint> points)
    {
        if (points.Length < Fewest || points[^1].At - points[0].At < Shortest) return null;
        var (whole, late) = (Slope(points), Slope(points[(points.Length / 2)..]));
        return new(whole > 0 && late >= whole * Steady ? Math.Min(whole, late) : 0, points[^1].Bytes);
    }

    /// <summary>How long it is until it takes that much; null where it never will.</summary>
    public TimeSpan? Until(long bytes) => BytesPerHour <= 0 ? null
        : bytes <= Now ? TimeSpan.Zero
        : (bytes - Now) / BytesPerHour is var hours && hours < TimeSpan.FromDays(365).TotalHours ? TimeSpan.FromHours(hours) : null;

    private static double Slope(ImmutableArray<MemoryPoint> points)
    {
        var slopes = new List<double>(points.Length * points.Length / 2);
        for (var i = 0; i < points.Length; i++)
            for (var j = i + 1; j < points.Length; j++)
                if ((points[j].At - points[i].At).TotalHours is > 0 and var hours) slopes.Add((points[j].Bytes - points[i].Bytes) / hours);
        if (slopes.Count == 0) return 0;
        slopes.Sort();
        return slopes[slopes.Count / 2];
    }
}
