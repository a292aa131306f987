namespace Helix.StandIn.Serving;

/// <summary>Counts for metrics.</summary>
internal sealed class Tally
{
    private long _prompt, _generated, _requests;
    private int _running;

    public long Prompt => Interlocked.Read(ref _prompt);

    public long Generated => Interlocked.Read(ref _generated);

    public long Requests => Interlocked.Read(ref _requests);

    public int Running => Volatile.Read(ref _running);

    public void Add(int prompt, int generated)
    {
        Interlocked.Add(ref _prompt, prompt);
        Interlocked.Add(ref _generated, generated);
        Interlocked.Increment(ref _requests);
    }

    /// <summary>Counts one as running until it is disposed of.</summary>
    public IDisposable Run()
    {
        Interlocked.Increment(ref _running);
        return new Running_(this);
    }

    private sealed class Running_(Tally tally) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref tally._running);
    }
}
