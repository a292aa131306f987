using Helix.Core.Access;

namespace Helix.Access;

/// <summary>A key in memory with the time of its last use, which many requests may note at once.</summary>
internal sealed class HeldKey(KeyRecord record)
{
    private long _lastUsed = record.LastUsed?.UtcTicks ?? 0;

    public KeyRecord Record => record;

    public DateTimeOffset? LastUsed => Volatile.Read(ref _lastUsed) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Notes a use at most once each <paramref name="every"/>.</summary>
    /// <returns>True for the one caller whose note counted.</returns>
    public bool NoteUse(DateTimeOffset now, TimeSpan every)
    {
        var seen = Volatile.Read(ref _lastUsed);
        return now.UtcTicks - seen >= every.Ticks && Interlocked.CompareExchange(ref _lastUsed, now.UtcTicks, seen) == seen;
    }
}
