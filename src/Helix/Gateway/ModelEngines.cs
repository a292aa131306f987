using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>The backends of a model with what is known of each, and room for a choice between them, which is used again for the next.</summary>
/// <param name="traffic">Of each backend.</param>
internal sealed class ModelEngines(ImmutableArray<Backend> backends, InstanceTraffic[] traffic)
{
    private readonly Candidate[] _candidates = Candidates(backends);
    private readonly Weighed[] _weighed = new Weighed[backends.Length];

    /// <summary>By which prices were filled in; null before.</summary>
    private HelixConfig? _rules;

    public ImmutableArray<Backend> Backends => backends;

    public InstanceTraffic[] Traffic => traffic;

    /// <summary>As candidates of which nothing else is known.</summary>
    public static Candidate[] Candidates(ImmutableArray<Backend> backends)
    {
        var candidates = new Candidate[backends.Length];
        for (var at = 0; at < candidates.Length; at++) candidates[at] = new(backends[at], 0, default);
        return candidates;
    }

    /// <summary>Only for whoever holds <see cref="ModelTraffic.Choosing"/>, and for as long as that is held.</summary>
    /// <param name="rules">Of this moment.</param>
    /// <returns>Candidates with what they cost, and nothing else of this moment; and where what speaks for each can be put.</returns>
    public (Candidate[] Candidates, Weighed[] Weighed) Room(Costs costs, HelixConfig rules)
    {
        if (!ReferenceEquals(_rules, rules)) costs.AddTo(_candidates, _rules = rules);
        return (_candidates, _weighed);
    }
}
