namespace Helix.Core.Gateway;

/// <summary>What became of a request that came.</summary>
internal abstract record PlaceEntry
{
    private PlaceEntry() { }

    /// <param name="Displaced">Who has to go for it: the last of whose key most wait; null where there is room.</param>
    internal sealed record Waits(object? Displaced) : PlaceEntry;

    /// <param name="Wait">It would have to wait about so long; null where nobody knows.</param>
    /// <param name="Until">After about so long one that comes may wait.</param>
    internal sealed record Refused(int Waiting, TimeSpan? Wait, TimeSpan Until) : PlaceEntry;
}

/// <summary>Which requests the engines of a model work on, and which wait for that. Not for several threads at once.</summary>
/// <remarks>
/// Engines have queues of their own, without any order but that of coming. What waits here instead is sent when there is a place, can be ordered, and
/// can be told how long it will take.
/// </remarks>
internal sealed class Places<T>
    where T : class
{
    /// <summary>How much the latest answer counts for.</summary>
    private const double Weight = 0.1;

    private readonly FairQueue<T> _queue = new();
    private double? _held;

    public int Running { get; private set; }

    public int Waiting => _queue.Count;

    /// <summary>Those of an engine: as many as it computes at once, and some that are read while others are answered, so that no engine waits for the gateway.</summary>
    public static int At(int slots) => slots + Math.Max(1, slots / 4);

    /// <returns>Whether it has a place, which it has if there is one and nobody waits.</returns>
    /// <param name="cost">Of the work that it asks for.</param>
    public bool Begins(string key, double cost, int places)
    {
        if (_queue.Count > 0 || Running >= places) return false;
        Running++;
        _queue.Begin(key, cost);
        return true;
    }

    /// <param name="most">That may wait.</param>
    /// <param name="longest">Who would wait longer is refused at once.</param>
    public PlaceEntry Queue(string key, RequestPriority priority, T item, double cost, int places, int most, TimeSpan longest)
    {
        var wait = WaitOf(key, priority, places);
        if (wait > longest) return new PlaceEntry.Refused(Waiting, wait, wait.Value - longest);
        object? displaced = null;
        if (_queue.Count >= most)
        {
            if (_queue.Greediest is not { } greediest || _queue.Waiting(key) + 1 >= _queue.Waiting(greediest)) return new PlaceEntry.Refused(Waiting, wait, After(0, places) ?? TimeSpan.Zero);
            displaced = _queue.Drop(greediest);
        }

        _queue.Add(key, priority, item, cost);
        return new PlaceEntry.Waits(displaced);
    }

    /// <summary>How long one that comes now waits, about; null where nobody knows.</summary>
    public TimeSpan? WaitOf(string key, RequestPriority priority, int places) => After(_queue.Ahead(key, priority), places);

    /// <summary>It was answered, or failed.</summary>
    /// <param name="correction">What it cost beyond what was thought.</param>
    /// <param name="held">For how long it had its place; null where it was not answered, which tells nothing.</param>
    public void Leave(string key, double correction, TimeSpan? held)
    {
        Running--;
        _queue.End(key, correction);
        if (held is { TotalSeconds: var seconds }) _held = _held is { } known ? known + Weight * (seconds - known) : seconds;
    }

    /// <returns>Who begins now; null where there is no place, or nobody waits.</returns>
    public T? Next(int places)
    {
        if (Running >= places || _queue.Take() is not { } item) return null;
        Running++;
        return item;
    }

    /// <summary>It does not wait any more.</summary>
    /// <returns>False if it has a place, or was sent away.</returns>
    public bool Forget(string key, T item) => _queue.Remove(key, item);

    /// <remarks>By Little's law a place becomes free once in the time that one is held, divided by their number.</remarks>
    private TimeSpan? After(int ahead, int places) => _held is { } seconds ? TimeSpan.FromSeconds((ahead + 1) * seconds / places) : null;
}
