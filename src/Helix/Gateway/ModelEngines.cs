using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>The backends of a model with what is known of each, and room for a choice between them, which is used again for the next.</summary>
/// <param name="traffic">Of each backend.</param>
internal sealed class ModelEngines(ImmutableArray<Backend> backends, InstanceTraffic[] traffic)
{
    private ChoiceRules? _rules;

    public ImmutableArray<Backend> Backends => backends;

    public InstanceTraffic[] Traffic => traffic;

    /// <summary>With what they cost by the latest rules. Only for whoever holds <see cref="GatewayCounters.Gate"/>, and for as long as that is held.</summary>
    public Candidate[] Candidates { get; } = CandidatesOf(backends);

    /// <summary>Where what speaks for each can be put. Only for whoever holds the gate, too.</summary>
    public Weighed[] Weighed { get; } = new Weighed[backends.Length];

    /// <summary>As candidates of which nothing else is known.</summary>
    public static Candidate[] CandidatesOf(ImmutableArray<Backend> backends)
    {
        var candidates = new Candidate[backends.Length];
        for (var at = 0; at < candidates.Length; at++) candidates[at] = new(backends[at], 0, default);
        return candidates;
    }

    /// <summary>What the configuration says of a choice between them, looked up once for as long as it is the same; the candidates cost what it says then. Only for whoever holds the gate.</summary>
    /// <param name="now">The configuration of this moment.</param>
    public ChoiceRules By(HelixConfig now, Costs costs)
    {
        if (_rules is { } known && ReferenceEquals(known.Config, now)) return known;
        costs.AddTo(Candidates, now);
        return _rules = ChoiceRules.Of(now, costs, Candidates);
    }
}
