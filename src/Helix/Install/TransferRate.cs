namespace Helix.Install;

/// <summary>Bytes per second over the last few seconds.</summary>
internal sealed class TransferRate(TimeProvider time)
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(0.5);

    private readonly Queue<(long At, long Bytes)> _samples = [];

    /// <returns>Null until half a second has been seen.</returns>
    public double? Add(long done)
    {
        var now = time.GetTimestamp();
        while (_samples.Count > 1 && time.GetElapsedTime(_samples.Peek().At, now) > s_window) _samples.Dequeue();
        _samples.Enqueue((now, done));
        var (at, bytes) = _samples.Peek();
        var span = time.GetElapsedTime(at, now);
        return span >= s_least ? Math.Max(0, (done - bytes) / span.TotalSeconds) : null;
    }

    public void Reset() => _samples.Clear();
}
