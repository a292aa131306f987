namespace Helix.Core.Automation;

/// <summary>
/// When something that is done again and again is due. What was missed (the machine was off, or slept) is made up once. A clock that was set
/// neither keeps it from being done nor has it done twice in a row.
/// </summary>
/// <param name="Due">From then on; <see cref="At"/> corrects it where the clock was set.</param>
internal sealed record Schedule(TimeSpan Interval, DateTimeOffset Due)
{
    /// <summary>What is overdue waits for a part of this share of the interval: a start has other things to do first.</summary>
    private const int Spread = 144;

    /// <summary>What is done later than by this part of the interval has another time of the day from then on.</summary>
    private const int Late = 5;

    /// <param name="last">When it was begun the last time; null for never.</param>
    /// <param name="draw">From 0 to 1: the part of the wait.</param>
    public static Schedule Begin(DateTimeOffset? last, TimeSpan interval, DateTimeOffset now, double draw) => new(interval, Next(last, interval, now, draw));

    public static DateTimeOffset Next(DateTimeOffset? last, TimeSpan interval, DateTimeOffset now, double draw)
    {
        // a moment that lies further ahead than the next turn could was written by a clock that was wrong
        return last is { } done && done <= now + interval && done + interval > now ? done + interval : now + interval / Spread * draw;
    }

    public bool IsDue(DateTimeOffset now) => now >= Due;

    /// <summary>The same by a clock that may have been set back since.</summary>
    public Schedule At(DateTimeOffset now) => Due - now > 2 * Interval ? this with { Due = now + Interval } : this;

    /// <summary>It is begun now. The next turn counts from when this one was due, so that looking a little late does not add up; from now where it was much later, or asked for.</summary>
    public Schedule Ran(DateTimeOffset now) => this with { Due = (Due <= now && now - Due <= Interval / Late ? Due : now) + Interval };

    /// <summary>It was tried in vain, and is tried again before its next turn.</summary>
    public Schedule Failed(DateTimeOffset now, TimeSpan pause) => this with { Due = now + (pause < Interval ? pause : Interval) };

    /// <summary>The newest moment that a clock which is right can have written.</summary>
    public static DateTimeOffset? Last(IEnumerable<DateTimeOffset> moments, TimeSpan interval, DateTimeOffset now) =>
        moments.Where(moment => moment <= now + interval).Select(moment => (DateTimeOffset?)moment).Max();
}
