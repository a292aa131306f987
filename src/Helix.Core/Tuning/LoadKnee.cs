using System.Collections.Immutable;

namespace Helix.Core.Tuning;

/// <summary>What an engine did with so many requests under way.</summary>
/// <param name="FirstToken95">The time within which 95 of 100 requests had their first token.</param>
/// <param name="TokensPerSecond">Of all answers together.</param>
internal sealed record LoadPoint(int Concurrency, TimeSpan FirstToken50, TimeSpan FirstToken95, double TokensPerSecond, int Requests, int Failed);

/// <summary>How many requests at once an engine bears: until the first token of the slowest takes twice as long as alone.</summary>
internal static class LoadKnee
{
    public static ImmutableArray<int> Steps { get; } = [1, 2, 4, 8, 16, 32, 64];

    private const double Doubles = 2;

    /// <summary>Shorter waits are nobody's trouble, whatever they are a multiple of.</summary>
    private static readonly TimeSpan s_unseen = TimeSpan.FromMilliseconds(50);

    public static bool IsBeyond(LoadPoint first, LoadPoint point) =>
        point.Failed > 0 || (point.FirstToken95 > s_unseen && point.FirstToken95 > first.FirstToken95 * Doubles);

    /// <returns>The most requests at once before that; null where nothing was measured. Where even the last point bears it, that one.</returns>
    public static int? Of(IReadOnlyList<LoadPoint> points) =>
        points.Count == 0 ? null : points.TakeWhile(point => !IsBeyond(points[0], point)).Select(point => (int?)point.Concurrency).LastOrDefault() ?? points[0].Concurrency;

    public static TimeSpan Percentile(IReadOnlyCollection<TimeSpan> times, int percent) =>
        times.Count == 0 ? TimeSpan.Zero : times.Order().ElementAt(Math.Min(times.Count - 1, (int)Math.Ceiling(times.Count * percent / 100.0) - 1));
}
