using Helix.Core.Automation;
using Helix.Processes;

namespace Helix.Automation;

/// <summary>Something that is done once in every interval, while it is wanted: <see cref="Schedule"/> says when. It never overlaps itself.</summary>
internal abstract class Recurrent(TimeProvider time, Func<double> draw) : BackgroundLoop
{
    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(1);

    /// <summary>Before what failed is tried again.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _now = new(0, 1);
    private Schedule? _schedule;

    /// <summary>When it was begun last by this daemon; null for never.</summary>
    public DateTimeOffset? Ran { get; private set; }

    /// <summary>When it is done next; null while it is not wanted, or nothing has been looked at yet.</summary>
    public DateTimeOffset? Due => IsWanted ? _schedule?.Due : null;

    public bool IsOn => IsWanted;

    /// <summary>What came of it last, in words; null where the history tells.</summary>
    public string? Result { get; protected set; }

    /// <summary>It was begun, or has ended, and what is told of it is another. Called on its own loop: return at once.</summary>
    public event Action? Turned;

    /// <summary>Does it at once, also where it is not wanted by itself; what is under way goes on.</summary>
    public void RunNow()
    {
        if (_now.CurrentCount == 0) _now.Release();
    }

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
            if (await AskedAsync(stoppingToken)) await TurnAsync(time.GetUtcNow(), stoppingToken);
        }
    }

    /// <summary>Does it if it is due.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_schedule is null) _schedule = Schedule.Begin(await LastAsync(), Interval, now, draw());
        else _schedule = _schedule.At(now);
        if (IsWanted && _schedule.IsDue(now)) await TurnAsync(now, cancellationToken);
    }

    private async Task TurnAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        Ran = now;
        Turned?.Invoke();
        var isDone = false;
        try
        {
            isDone = await DoAsync(cancellationToken);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or SpawnFailedException)
        {
            // the disk or the keeper: what helix does by itself is not to end it
            Result = $"it could not be done: {failed.Message}";
        }

        _schedule = isDone ? _schedule!.Ran(now) : _schedule!.Failed(time.GetUtcNow(), s_pause);
        Turned?.Invoke();
    }

    /// <returns>False when it is time to look at the clock again.</returns>
    private async Task<bool> AskedAsync(CancellationToken cancellationToken)
    {
        using var look = new CancellationTokenSource(s_look, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(look.Token, cancellationToken);
        try
        {
            await _now.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
