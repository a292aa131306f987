using System.Collections.Immutable;
using Helix.Core.Automation;

namespace Helix.Core.Simulation;

/// <summary>What is done again and again, as the daemon's loops do it: looked at once a minute, never twice at the same time.</summary>
internal sealed class SimulatedAutomations(SeededDraw draw)
{
    public static readonly TimeSpan Look = TimeSpan.FromMinutes(1);

    private readonly Loop[] _loops =
    [
        new("tuning", Cadence.Tuning, TimeSpan.FromSeconds(20), _ => null),
        new("security", Cadence.Security, TimeSpan.FromSeconds(5), _ => null),
        new("updates", Cadence.Updates, TimeSpan.FromSeconds(50), _ => null),
        // the files themselves tell when the last one was made
        new("backup", Cadence.Backup, TimeSpan.FromMinutes(2), loop => loop.LastWall),
        new("cleanup", Cadence.Cleanup, TimeSpan.FromSeconds(30), loop => loop.LastWall),
    ];

    public ImmutableSortedDictionary<string, int> Runs => _loops.ToImmutableSortedDictionary(loop => loop.Name, loop => loop.Runs, StringComparer.Ordinal);

    /// <summary>A daemon began.</summary>
    public void Begin(DateTimeOffset wall)
    {
        foreach (var loop in _loops) (loop.Schedule, loop.Ran) = (Schedule.Begin(loop.Last(loop), loop.Interval, wall, draw.Unit()), null);
    }

    /// <summary>The clock was set: what was said about waits holds no more.</summary>
    public void ClockWasSet()
    {
        foreach (var loop in _loops) loop.Ran = null;
    }

    /// <param name="now">Without jumps.</param>
    /// <param name="wall">As the clock shows it.</param>
    /// <returns>The names of those that were done.</returns>
    /// <exception cref="SimulationBroken">One was done too soon after itself, or too late.</exception>
    public IEnumerable<string> Pass(TimeSpan now, DateTimeOffset wall)
    {
        foreach (var loop in _loops)
        {
            if (now < loop.BusyUntil) continue;
            loop.Schedule = loop.Schedule!.At(wall);
            if (loop.Ran is { } ran && now - ran > loop.Interval + loop.Longest + 2 * Look) throw new SimulationBroken($"{loop.Name} was not done for {now - ran}, and should be every {loop.Interval}");
            if (!loop.Schedule.IsDue(wall)) continue;
            if (loop.Ran is { } last && now - last < loop.Interval * 0.8 - Look) throw new SimulationBroken($"{loop.Name} was done again after {now - last}, and should be every {loop.Interval}");
            loop.Schedule = loop.Schedule.Ran(wall);
            (loop.Ran, loop.LastWall, loop.BusyUntil) = (now, wall, now + loop.Longest * draw.Unit());
            loop.Runs++;
            yield return loop.Name;
        }
    }

    private sealed class Loop(string name, TimeSpan interval, TimeSpan longest, Func<Loop, DateTimeOffset?> last)
    {
        public string Name => name;

        public TimeSpan Interval => interval;

        /// <summary>That one turn takes.</summary>
        public TimeSpan Longest => longest;

        public Func<Loop, DateTimeOffset?> Last => last;

        public Schedule? Schedule { get; set; }

        /// <summary>When it was begun last, without jumps; null where waits cannot be judged.</summary>
        public TimeSpan? Ran { get; set; }

        public DateTimeOffset? LastWall { get; set; }

        public TimeSpan BusyUntil { get; set; }

        public int Runs { get; set; }
    }
}
