namespace Helix.Gateway;

/// <summary>Hangs up on an engine whose answer does not begin, or does not go on, in time. Costs nothing while it does.</summary>
internal sealed class AttemptWatch : IDisposable
{
    private const int Watching = 0;
    private const int Fired = 1;
    private const int Over = 2;

    private readonly UpstreamConnection _connection;
    private readonly TimeSpan _start;
    private readonly TimeSpan _stall;
    private readonly TimeSpan _deadline;
    private readonly long _began;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <summary>From its beginning until the timer goes off first.</summary>
    private readonly TimeSpan _asleep;
    private readonly Func<bool> _mayMove;
    private long _last;
    private bool _isPaused;
    private bool _hasBegun;
    private int _state;

    /// <param name="start">Until the first piece; infinite where nobody else could do it.</param>
    /// <param name="stall">Between two pieces.</param>
    /// <param name="deadline">Until the first piece at most, whether somebody else could do it or not; infinite for as long as it takes.</param>
    /// <param name="mayMove">Whether the request may be sent again elsewhere; asked once the answer has not begun in time.</param>
    public AttemptWatch(UpstreamConnection connection, TimeSpan start, TimeSpan stall, TimeSpan deadline, Func<bool> mayMove, TimeProvider time)
    {
        (_connection, _start, _stall, _deadline, _mayMove, _time, _last) = (connection, start, stall, deadline, mayMove, time, time.GetTimestamp());
        (_began, _asleep) = (_last, Sooner(start, deadline));
        // a deadline may be over at once, and whoever looks then needs the timer
        _timer = time.CreateTimer(static watch => ((AttemptWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (_asleep != Timeout.InfiniteTimeSpan) _timer.Change(_asleep, Timeout.InfiniteTimeSpan);
    }

    public bool HasFired => Volatile.Read(ref _state) == Fired;

    /// <summary>A piece of content has come.</summary>
    /// <param name="now">The timestamp of this moment.</param>
    public void NoteContent(long now)
    {
        Volatile.Write(ref _last, now);
        if (_hasBegun) return;
        Volatile.Write(ref _hasBegun, true);
        // where the timer goes off sooner anyway, it sees then how much is left
        if (_asleep == Timeout.InfiniteTimeSpan || _stall < _asleep) _timer.Change(_stall, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Nothing is expected from the engine: its client has yet to take what it said.</summary>
    public void Pause() => Volatile.Write(ref _isPaused, true);

    /// <param name="now">The timestamp of this moment.</param>
    public void Resume(long now)
    {
        Volatile.Write(ref _last, now);
        Volatile.Write(ref _isPaused, false);
    }

    /// <returns>False if it has hung up, so that the connection is no good any more.</returns>
    public bool End() => Interlocked.CompareExchange(ref _state, Over, Watching) != Fired;

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var hasBegun = Volatile.Read(ref _hasBegun);
        var limit = hasBegun ? _stall : _start;
        var late = hasBegun ? Timeout.InfiniteTimeSpan : Left(_deadline, _began);
        var left = Volatile.Read(ref _isPaused) ? limit : Left(limit, Volatile.Read(ref _last));
        if (left == TimeSpan.Zero && late != TimeSpan.Zero && !hasBegun && !_mayMove()) left = limit;
        left = Sooner(left, late);
        if (left == Timeout.InfiniteTimeSpan) return;
        if (left > TimeSpan.Zero)
        {
            // over meanwhile: then nothing is to be watched any more
            if (Volatile.Read(ref _state) == Watching) _timer.Change(left, Timeout.InfiniteTimeSpan);
        }
        else if (Interlocked.CompareExchange(ref _state, Fired, Watching) == Watching) _connection.Dispose();
    }

    /// <returns>Of a limit: zero where it is over, infinite where there is none.</returns>
    private TimeSpan Left(TimeSpan limit, long since)
    {
        if (limit == Timeout.InfiniteTimeSpan) return limit;
        var left = limit - _time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static TimeSpan Sooner(TimeSpan one, TimeSpan other) =>
        other == Timeout.InfiniteTimeSpan || (one != Timeout.InfiniteTimeSpan && one < other) ? one : other;
}
