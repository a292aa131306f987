using System.Collections.Immutable;
using Helix.Core.Tuning;

namespace Helix.Gateway;

/// <summary>What one instance was asked, when it last produced something, and how often its answers end.</summary>
internal sealed class InstanceTraffic(TimeProvider time)
{
    /// <summary>How much the latest answer counts for.</summary>
    private const double Weight = 0.3;

    private int _inFlight;
    private long _requests;
    private long _faults;
    private long _lastOutput;

    // answers end rarely beside the pieces they consist of
    private readonly Lock _ending = new();
    private readonly RequestShape[] _shapes = new RequestShape[64];
    private long _busySince;
    private int _noted;
    private double? _secondsBetweenEnds;

    public int InFlight => Volatile.Read(ref _inFlight);

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Requests that it answered with a status of 500 or above, broke off, or did not answer.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>Time since the last piece of an answer was passed on; null if there was none yet.</summary>
    public TimeSpan? SinceOutput => Volatile.Read(ref _lastOutput) is var at and not 0 ? time.GetElapsedTime(at) : null;

    /// <summary>Time since it had to answer again, or an answer ended; null while it answers nobody.</summary>
    public TimeSpan? SinceBusy
    {
        get
        {
            lock (_ending) return _inFlight > 0 ? time.GetElapsedTime(_busySince) : null;
        }
    }

    /// <summary>How long it is, by what was seen of late, until one of the answers under way ends; null where there is none, or nothing was seen yet.</summary>
    public TimeSpan? UntilNextEnd
    {
        get
        {
            lock (_ending)
            {
                if (_inFlight == 0 || _secondsBetweenEnds is not { } seconds) return null;
                var (usual, took) = (TimeSpan.FromSeconds(seconds), time.GetElapsedTime(_busySince));
                // what takes longer than usual may take as long again
                return usual > took ? usual - took : took;
            }
        }
    }

    /// <summary>The latest requests that were answered, in no order: how long they were, and nothing else of them.</summary>
    public ImmutableArray<RequestShape> Shapes
    {
        get
        {
            lock (_ending) return [.. _shapes.Take(_noted)];
        }
    }

    /// <returns>Requests that are under way now, this one included.</returns>
    public int Begin()
    {
        Interlocked.Increment(ref _requests);
        lock (_ending)
        {
            if (_inFlight++ == 0) _busySince = time.GetTimestamp();
            return _inFlight;
        }
    }

    public void Note(RequestShape shape)
    {
        lock (_ending) _shapes[_noted++ % _shapes.Length] = shape;
    }

    /// <param name="answered">Something of an answer was passed on: what was refused at once says nothing of how long answers take.</param>
    public void End(bool answered)
    {
        lock (_ending)
        {
            _inFlight--;
            if (!answered) return;
            var took = time.GetElapsedTime(_busySince).TotalSeconds;
            _secondsBetweenEnds = _secondsBetweenEnds is { } known ? known + Weight * (took - known) : took;
            _busySince = time.GetTimestamp();
        }
    }

    public void NoteFault() => Interlocked.Increment(ref _faults);

    public void NoteOutput() => Volatile.Write(ref _lastOutput, time.GetTimestamp());
}
