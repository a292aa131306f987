namespace Helix.Gateway;

/// <summary>What one instance was asked and when it last produced something.</summary>
internal sealed class InstanceTraffic(TimeProvider time)
{
    private int _inFlight;
    private long _requests;
    private long _lastOutput;

    public int InFlight => Volatile.Read(ref _inFlight);

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Time since the last piece of an answer was passed on; null if there was none yet.</summary>
    public TimeSpan? SinceOutput => Volatile.Read(ref _lastOutput) is var at and not 0 ? time.GetElapsedTime(at) : null;

    public void Begin()
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Increment(ref _inFlight);
    }

    public void End() => Interlocked.Decrement(ref _inFlight);

    public void NoteOutput() => Volatile.Write(ref _lastOutput, time.GetTimestamp());
}
