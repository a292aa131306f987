namespace Helix.Core.Gateway;

/// <summary>How urgent a request is, in the words of its client.</summary>
internal enum RequestPriority
{
    /// <summary>Before the other requests of its own key: nobody else pays for it.</summary>
    High,

    Normal,

    /// <summary>After everybody's, for work that nobody waits for.</summary>
    Low,
}

/// <summary>Whose request is next, where not all can be answered at once. Not for several threads at once.</summary>
/// <remarks>
/// Whoever had least of late is next: for each key the work that was done for it is counted. Who comes back after a pause starts where those are that wait,
/// so that nobody saves up. These are the counters of "Fairness in Serving Large Language Models" (Sheng et al., OSDI 2024).
/// </remarks>
internal sealed class FairQueue<T>
    where T : class
{
    /// <summary>One in so many goes to what has low priority, whatever else waits: slowly is not never.</summary>
    private const int LowEvery = 10;

    /// <summary>A key that had answers far longer than was thought is not kept waiting for all of it, in the unit of costs.</summary>
    private const double MostDebt = 4096;

    /// <summary>Keys that are remembered while nothing is under way, only to spare the making of their lanes.</summary>
    private const int MostIdle = 64;

    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private int _passedLow;

    /// <summary>That wait.</summary>
    public int Count { get; private set; }

    /// <summary>Keys that are remembered.</summary>
    public int Keys => _lanes.Count;

    /// <summary>The key of which most wait; null where nothing does.</summary>
    public string? Greediest => Count == 0 ? null : _lanes.MaxBy(lane => lane.Value.Count).Key;

    public int Waiting(string key) => _lanes.TryGetValue(key, out var lane) ? lane.Count : 0;

    /// <summary>How many are likely to be taken before one that would come now.</summary>
    public int Ahead(string key, RequestPriority priority)
    {
        if (priority == RequestPriority.Low) return Count;
        var its = _lanes.GetValueOrDefault(key);
        var before = its is null ? [] : priority == RequestPriority.High ? its.High : [.. its.High, .. its.Normal];
        var turn = (its is null || its.Count == 0 ? Math.Max(its?.Had ?? 0, Least()) : its.Had) + before.Sum(each => each.Cost);
        var ahead = before.Count;
        foreach (var lane in _lanes.Values.Where(lane => lane != its))
        {
            var had = lane.Had;
            foreach (var (_, cost) in lane.High.Concat(lane.Normal))
            {
                if (had > turn) break;
                had += cost;
                ahead++;
            }
        }

        return ahead;
    }

    /// <summary>It waits.</summary>
    /// <param name="cost">Of the work that it asks for, in any unit, as far as can be told.</param>
    public void Add(string key, RequestPriority priority, T item, double cost)
    {
        LaneOf(key).Of(priority).Add((item, cost));
        Count++;
    }

    /// <summary>It does not wait: its work begins.</summary>
    public void Begin(string key, double cost)
    {
        var lane = LaneOf(key);
        lane.Running++;
        lane.Had += cost;
    }

    /// <summary>Takes who is next; its work begins.</summary>
    /// <returns>Null where nobody waits.</returns>
    public T? Take()
    {
        if (Count == 0) return null;
        Lane? next = null, low = null;
        foreach (var lane in _lanes.Values)
        {
            if (lane.High.Count + lane.Normal.Count > 0 && (next is null || lane.Had < next.Had)) next = lane;
            if (lane.Low.Count > 0 && (low is null || lane.Had < low.Had)) low = lane;
        }

        var takesLow = low is not null && (next is null || ++_passedLow >= LowEvery);
        if (takesLow || low is null) _passedLow = 0;
        var taken = takesLow ? low! : next!;
        var from = takesLow ? taken.Low : taken.High.Count > 0 ? taken.High : taken.Normal;
        var (item, cost) = from[0];
        from.RemoveAt(0);
        Count--;
        taken.Running++;
        taken.Had += cost;
        return item;
    }

    /// <summary>Work that was begun is over.</summary>
    /// <param name="correction">What it cost beyond what was thought; negative where it was less.</param>
    public void End(string key, double correction)
    {
        var lane = _lanes[key];
        lane.Running--;
        lane.Had += correction;
        if (Count > lane.Count) lane.Had = Math.Min(lane.Had, LeastBeside(lane) + MostDebt);
        Rest(key, lane);
    }

    /// <summary>It does not wait any more.</summary>
    /// <returns>False if it did not.</returns>
    public bool Remove(string key, T item)
    {
        if (!_lanes.TryGetValue(key, out var lane) || !lane.All.Any(list => list.RemoveAll(each => each.Item == item) > 0)) return false;
        Count--;
        Rest(key, lane);
        return true;
    }

    /// <summary>Sends the one away that would be the last of this key.</summary>
    public T? Drop(string key)
    {
        if (!_lanes.TryGetValue(key, out var lane) || lane.All.LastOrDefault(list => list.Count > 0) is not { } from) return null;
        var item = from[^1].Item;
        from.RemoveAt(from.Count - 1);
        Count--;
        Rest(key, lane);
        return item;
    }

    /// <summary>Of a key of which one comes: where none of it waited, it starts no earlier than those that do.</summary>
    private Lane LaneOf(string key)
    {
        if (!_lanes.TryGetValue(key, out var lane)) _lanes[key] = lane = new Lane();
        if (lane.Count == 0) lane.Had = Math.Max(lane.Had, Least());
        return lane;
    }

    /// <summary>That one of those had who wait, or else of those that are worked for; 0 where there are none.</summary>
    private double Least()
    {
        double? waiting = null, running = null;
        foreach (var lane in _lanes.Values)
        {
            if (lane.Count > 0) waiting = Math.Min(waiting ?? lane.Had, lane.Had);
            else if (lane.Running > 0) running = Math.Min(running ?? lane.Had, lane.Had);
        }

        return waiting ?? running ?? 0;
    }

    /// <summary>That one of the others had who wait; beyond all measure where none does.</summary>
    private double LeastBeside(Lane lane)
    {
        var least = double.PositiveInfinity;
        foreach (var other in _lanes.Values)
            if (other != lane && other.Count > 0) least = Math.Min(least, other.Had);
        return least;
    }

    /// <summary>Who had no more than others would start with has nothing to be remembered for.</summary>
    private void Rest(string key, Lane lane)
    {
        if (lane.IsActive) return;
        if (IsAnyActive())
        {
            if (lane.Had <= Least() || _lanes.Count > MostIdle) _lanes.Remove(key);
        }
        else if (_lanes.Count > MostIdle) _lanes.Clear();
        else foreach (var idle in _lanes.Values) idle.Had = 0;
    }

    private bool IsAnyActive()
    {
        foreach (var lane in _lanes.Values)
            if (lane.IsActive) return true;
        return false;
    }

    private sealed class Lane
    {
        public double Had { get; set; }

        public int Running { get; set; }

        public List<(T Item, double Cost)> High { get; } = [];

        public List<(T Item, double Cost)> Normal { get; } = [];

        public List<(T Item, double Cost)> Low { get; } = [];

        /// <summary>The most urgent first.</summary>
        public IEnumerable<List<(T Item, double Cost)>> All => [High, Normal, Low];

        public int Count => High.Count + Normal.Count + Low.Count;

        public bool IsActive => Running > 0 || Count > 0;

        public List<(T Item, double Cost)> Of(RequestPriority priority) => priority switch
        {
            RequestPriority.High => High,
            RequestPriority.Normal => Normal,
            _ => Low,
        };
    }
}
