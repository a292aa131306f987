using Helix.Core.Automation;
using Helix.Processes;

namespace Helix.Automation;

/// <summary>Something that is done once in every interval, while it is wanted: <see cref="Schedule"/> says when. It never overlaps itself.</summary>
internal abstract class Recurrent(TimeProvider time, Func<double> draw) : BackgroundLoop
{
    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(1);

    /// <summary>Before what failed is tried again.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromHours(1);

    private Schedule? _schedule;

    protected abstract TimeSpan Interval { get; }

    protected abstract bool IsWanted { get; }

    /// <summary>When it was begun the last time, as far as that is written down; null for never.</summary>
    protected abstract Task<DateTimeOffset?> LastAsync();

    /// <returns>False if it is to be tried again before its next turn.</returns>
    protected abstract Task<bool> DoAsync(CancellationToken cancellationToken);

    protected sealed override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await LookAsync(stoppingToken);
            await Task.Delay(s_look, time, stoppingToken);
        }
    }

    /// <summary>Does it if it is due.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        _schedule = _schedule?.At(now) ?? Schedule.Begin(await LastAsync(), Interval, now, draw());
        if (!IsWanted || !_schedule.IsDue(now)) return;
        _schedule = await DoAsync(cancellationToken) ? _schedule.Ran(now) : _schedule.Failed(time.GetUtcNow(), s_pause);
    }
}
