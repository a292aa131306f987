using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>The requests for one model, whoever answers them.</summary>
internal sealed class ModelTraffic
{
    /// <summary>Held while a backend is chosen and the request counted as its own.</summary>
    public Lock Choosing { get; } = new();

    private readonly Lock _gate = new();
    private ModelPace _pace = ModelPace.Start;
    private Engines? _engines;

    public ModelPace Current
    {
        get
        {
            lock (_gate) return _pace;
        }
    }

    /// <summary>Of each of these backends, in their order: looked up once for as long as they are the same.</summary>
    public InstanceTraffic[] Of(ImmutableArray<Backend> backends, GatewayCounters counters)
    {
        if (_engines is { } known && known.Backends == backends) return known.Traffic;
        var traffic = new InstanceTraffic[backends.Length];
        for (var at = 0; at < traffic.Length; at++) traffic[at] = counters.Of(backends[at].Instance);
        _engines = new(backends, traffic);
        return traffic;
    }

    public void NoteSent(BackendTaken taken)
    {
        lock (_gate) _pace = _pace.Sent(taken);
    }

    /// <returns>Answers that were seen by now.</returns>
    public long NoteAnswer(int tokens)
    {
        lock (_gate) return (_pace = _pace.Answered(tokens)).Answers;
    }

    private sealed record Engines(ImmutableArray<Backend> Backends, InstanceTraffic[] Traffic);
}
