namespace Helix.Live;

/// <summary>How fast a count grows, from one look to the next.</summary>
internal sealed class GrowthRate(TimeProvider time)
{
    /// <summary>Looks that follow closer on each other say little.</summary>
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(500);

    /// <summary>What lies longer back was seen by nobody who looks now.</summary>
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(30);

    private double _count;
    private long? _at;
    private double? _rate;

    /// <returns>In a second, to two digits; null at the first look, or after a long pause.</returns>
    public double? Next(double count)
    {
        var now = time.GetTimestamp();
        var elapsed = _at is { } before ? time.GetElapsedTime(before, now) : TimeSpan.MaxValue;
        if (elapsed < s_least) return _rate;
        // what is counted of processes falls where one of them ends
        _rate = elapsed > s_most ? null : Math.Round(Math.Max(0, count - _count) / elapsed.TotalSeconds, 2);
        (_count, _at) = (count, now);
        return _rate;
    }
}
