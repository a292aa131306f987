using Helix.Processes;

namespace Helix.Fleet;

/// <summary>Whether an engine works although nothing of it shows: by its own count, or by the time that processors spend on it.</summary>
internal sealed class Work(TimeProvider time)
{
    /// <summary>Of one processor. Servers that wait have timers, and take less.</summary>
    private const double LeastShare = 0.1;
    private const double TicksPerSecond = 100;

    /// <summary>For so long an engine may compute without saying anything; one that turns in circles computes, too.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);

    private DateTimeOffset _progress = time.GetUtcNow();
    private DateTimeOffset? _computesSince;
    private (int Pid, long Ticks, DateTimeOffset At)? _seen;
    private string? _count;

    /// <summary>Since it was last seen to work.</summary>
    public TimeSpan SinceProgress => time.GetUtcNow() - _progress;

    /// <summary>Something came out of it.</summary>
    public void Progressed() => (_progress, _computesSince) = (time.GetUtcNow(), null);

    /// <summary>Processors worked for it since this was asked last, and not in vain for a quarter of an hour.</summary>
    public bool IsComputing(int pid)
    {
        var now = time.GetUtcNow();
        if (pid == 0 || ProcessTable.SessionTicks(pid) is not { } ticks)
        {
            _seen = null;
            return false;
        }

        if (_seen is not { } before || before.Pid != pid)
        {
            _seen = (pid, ticks, now);
            return false;
        }

        if (now - before.At < s_shortest) return _computesSince is not null;
        _seen = (pid, ticks, now);
        if ((ticks - before.Ticks) / TicksPerSecond < (now - before.At).TotalSeconds * LeastShare)
        {
            _computesSince = null;
            return false;
        }

        _computesSince ??= before.At;
        if (now - _computesSince >= s_longest) return false;
        _progress = now;
        return true;
    }

    /// <summary>Its own count of what it has read and written is another than before.</summary>
    /// <param name="count">Null where it does not tell.</param>
    public bool IsOther(string? count)
    {
        var isOther = count is not null && _count is not null && count != _count;
        _count = count ?? _count;
        if (isOther) Progressed();
        return isOther;
    }
}
