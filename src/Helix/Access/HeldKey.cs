using Helix.Core.Access;

namespace Helix.Access;

/// <summary>A key in memory with the time of its last use, which many requests may note at once.</summary>
internal sealed class HeldKey(KeyRecord record)
{
    /// <summary>How often the time is asked for, in milliseconds: a request may come each few microseconds.</summary>
    private const int LookEvery = 1000;

    private long _lastUsed = record.LastUsed?.UtcTicks ?? 0;

    /// <summary>By the system's coarse clock, which costs next to nothing.</summary>
    private long _nextLook;

    public KeyRecord Record => record;

    public DateTimeOffset? LastUsed => Volatile.Read(ref _lastUsed) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Notes a use at most once each <paramref name="every"/>.</summary>
    /// <returns>The moment, for the one caller whose note counted.</returns>
    public DateTimeOffset? NoteUse(TimeProvider time, TimeSpan every)
    {
        var tick = Environment.TickCount64;
        if (tick < Volatile.Read(ref _nextLook)) return null;
        Volatile.Write(ref _nextLook, tick + LookEvery);
        var now = time.GetUtcNow();
        var seen = Volatile.Read(ref _lastUsed);
        return now.UtcTicks - seen >= every.Ticks && Interlocked.CompareExchange(ref _lastUsed, now.UtcTicks, seen) == seen ? now : null;
    }
}
