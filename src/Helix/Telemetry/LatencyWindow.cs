using Helix.Core.Telemetry;

namespace Helix.Telemetry;

/// <summary>How long something took in the last hour, minute by minute. A minute in which nothing happened takes no memory. Any number of writers and readers.</summary>
internal sealed class LatencyWindow(TimeProvider time, long origin)
{
    /// <summary>That are held.</summary>
    public const int Minutes = 60;

    // taken for a moment where a minute begins; counting goes without it
    private readonly Lock _turning = new();
    private readonly Minute?[] _minutes = new Minute?[Minutes];

    public void Add(TimeSpan took) => Add(took, time.GetTimestamp());

    /// <param name="now">The timestamp of this moment.</param>
    public void Add(TimeSpan took, long now) => Interlocked.Increment(ref At(MinuteOf(now)).Counts[LatencyScale.StepOf(took)]);

    /// <param name="minutes">Of the last hour, the one that runs included.</param>
    /// <param name="counts">By step of <see cref="LatencyScale"/>; what is found is added.</param>
    public void AddTo(Span<long> counts, int minutes)
    {
        var now = Now;
        for (var at = 0; at < _minutes.Length; at++)
        {
            if (Volatile.Read(ref _minutes[at]) is not { } minute || minute.Number > now || minute.Number <= now - minutes) continue;
            for (var step = 0; step < counts.Length; step++) counts[step] += Volatile.Read(ref minute.Counts[step]);
        }
    }

    /// <summary>The same of one minute alone.</summary>
    /// <param name="number">Since the origin; of the last hour.</param>
    /// <returns>False where nothing was counted in it.</returns>
    public bool AddMinuteTo(Span<long> counts, long number)
    {
        if (number < 0 || Volatile.Read(ref _minutes[number % Minutes]) is not { } minute || minute.Number != number) return false;
        for (var step = 0; step < counts.Length; step++) counts[step] += Volatile.Read(ref minute.Counts[step]);
        return true;
    }

    private long Now => MinuteOf(time.GetTimestamp());

    private long MinuteOf(long timestamp) => (long)time.GetElapsedTime(origin, timestamp).TotalMinutes;

    private Minute At(long number)
    {
        ref var slot = ref _minutes[number % Minutes];
        if (Volatile.Read(ref slot) is { } running && running.Number == number) return running;
        lock (_turning)
        {
            if (slot is { } known && known.Number >= number) return known;
            var fresh = new Minute(number);
            Volatile.Write(ref slot, fresh);
            return fresh;
        }
    }

    private sealed class Minute(long number)
    {
        public long Number => number;

        public int[] Counts { get; } = new int[LatencyScale.Steps];
    }
}
