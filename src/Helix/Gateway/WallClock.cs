namespace Helix.Gateway;

/// <summary>What the clock on the wall says at a timestamp. It is looked at once a second, since it may be set; in between, the time that has passed since then tells. For any number of threads.</summary>
internal sealed class WallClock(TimeProvider time)
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Null before the first.</summary>
    private Look? _last;

    /// <param name="timestamp">Of this moment, or of one not long ago.</param>
    public DateTimeOffset At(long timestamp)
    {
        if (_last is { } last && time.GetElapsedTime(last.Timestamp, timestamp) is var since && since.Duration() < s_lookEvery) return last.Said + since;
        var look = new Look(time.GetUtcNow(), time.GetTimestamp());
        _last = look;
        return look.Said + time.GetElapsedTime(look.Timestamp, timestamp);
    }

    private sealed record Look(DateTimeOffset Said, long Timestamp);
}
