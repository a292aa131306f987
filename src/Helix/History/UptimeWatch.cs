using System.Collections.Immutable;
using Helix.Core.History;
using Helix.Fleet;
using Helix.Processes;
using Helix.Storage;

namespace Helix.History;

/// <summary>
/// Counts uptime as it passes, and what was missed while no daemon lived. A machine that was off or slept, and a helix that was stopped by its
/// user, miss nothing.
/// </summary>
internal sealed class UptimeWatch(IFleetView fleet, UptimeTable table, RunFolder run, TimeProvider time) : BackgroundLoop
{
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(2);

    /// <summary>How often what was counted is kept.</summary>
    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(30);

    private ImmutableDictionary<UptimeKey, UptimeSpan> _counted = ImmutableDictionary<UptimeKey, UptimeSpan>.Empty;

    /// <summary>With what is not kept yet.</summary>
    public ImmutableDictionary<UptimeKey, UptimeSpan> Counted => Volatile.Read(ref _counted);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (Missed() is { } gap) table.Add(UptimeMeter.Gap(time.GetUtcNow(), gap));
        var (before, counted, kept) = (fleet.Current, time.GetTimestamp(), time.GetTimestamp());
        try
        {
            while (true)
            {
                await fleet.ChangedAsync(before.Version, s_beat, time, stoppingToken);
                Count();
                if (time.GetElapsedTime(kept) < s_kept) continue;
                Keep();
                kept = time.GetTimestamp();
            }
        }
        finally
        {
            Count();
            Keep();
        }

        void Count()
        {
            var now = time.GetTimestamp();
            _counted = UptimeMeter.Count(before, time.GetUtcNow(), time.GetElapsedTime(counted, now)).Aggregate(_counted, (all, one) => all.SetItem(one.Key, all.GetValueOrDefault(one.Key) + one.Value));
            (before, counted) = (fleet.Current, now);
            Beat();
        }
    }

    private void Keep()
    {
        table.Add(_counted);
        _counted = ImmutableDictionary<UptimeKey, UptimeSpan>.Empty;
    }

    /// <summary>How long no daemon lived, of the time in which the machine was on; null where none was missed.</summary>
    private TimeSpan? Missed()
    {
        if (!File.Exists(run.Heartbeat)) return null;
        var gap = time.GetUtcNow() - File.GetLastWriteTimeUtc(run.Heartbeat);
        var on = TimeSpan.FromMilliseconds(Environment.TickCount64);
        return gap > TimeSpan.Zero && gap < on ? gap : null;
    }

    private void Beat()
    {
        try
        {
            if (File.Exists(run.Heartbeat)) File.SetLastWriteTimeUtc(run.Heartbeat, time.GetUtcNow().UtcDateTime);
            else File.WriteAllBytes(run.Heartbeat, []);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // without its run folder helix cannot be reached anyway, and says so elsewhere
        }
    }
}
