using Helix.Core.Processes;

namespace Helix.Live;

/// <summary>How many processors the sessions of engines keep busy.</summary>
/// <param name="all">Everything alive: looked at rarely, for it takes milliseconds.</param>
/// <param name="one">One process; null where it is gone.</param>
internal sealed class EngineProcessors(Func<IEnumerable<ProcStat>> all, Func<int, ProcStat?> one, TimeProvider time)
{
    private const double TicksPerSecond = 100;

    /// <summary>How often is looked who belongs to a session.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(10);

    private readonly Dictionary<int, GrowthRate> _rates = [];
    private readonly HashSet<int> _looked = [];
    private ILookup<int, int> _members = Array.Empty<int>().ToLookup(pid => pid);
    private long? _lookedAt;

    /// <summary>Of each session, by its leader; null where the system does not tell, or nobody has looked before.</summary>
    public IReadOnlyDictionary<int, double?> Busy(IReadOnlyCollection<int> leaders)
    {
        if (leaders.Count == 0) return new Dictionary<int, double?>();
        // whoever is not found is looked for no more often than the others
        if (_lookedAt is not { } at || time.GetElapsedTime(at) >= s_look || !_looked.IsSupersetOf(leaders))
        {
            _looked.Clear();
            _looked.UnionWith(leaders);
            _members = all().Where(process => leaders.Contains(process.Session)).ToLookup(process => process.Session, process => process.Pid);
            _lookedAt = time.GetTimestamp();
        }

        foreach (var gone in _rates.Keys.Except(leaders).ToArray()) _rates.Remove(gone);
        return leaders.Distinct().ToDictionary(leader => leader, BusyOf);
    }

    private double? BusyOf(int leader)
    {
        var ticks = _members[leader].Select(one).OfType<ProcStat>().Where(process => process.Session == leader).Select(process => process.ProcessorTicks).ToArray();
        if (ticks.Length == 0) return null;
        if (!_rates.TryGetValue(leader, out var rate)) _rates[leader] = rate = new GrowthRate(time);
        return rate.Next(ticks.Sum() / TicksPerSecond);
    }
}
