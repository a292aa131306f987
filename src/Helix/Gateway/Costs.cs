using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Brings to the choice between backends what is known of what they cost: prices of clouds, and what engines here draw.</summary>
internal sealed class Costs(Lazy<CloudPrices> prices, Func<HelixConfig> config)
{
    private Unpriced? _unpriced;

    /// <summary>Fills in prices and what engines draw.</summary>
    public void AddTo(Span<Candidate> candidates)
    {
        var now = config();
        foreach (ref var candidate in candidates)
        {
            var backend = candidate.Backend;
            if (backend.Cloud is { } cloud) candidate = candidate with { Price = prices.Value.Of(cloud, backend.UpstreamModel, now.Cloud.Prices ?? []) };
            else if (now.Gateway.EnergyWatts is { } all && all.TryGetValue(backend.Provider, out var watts)) candidate = candidate with { Watts = watts };
        }
    }

    /// <param name="weights">What counts how much.</param>
    public ChoiceTerms In(ChoiceTerms terms, ChoiceWeights weights, ReadOnlySpan<Candidate> candidates)
    {
        var now = config();
        return terms with
        {
            FirstTokenWeight = weights.FirstToken,
            AnswerWeight = weights.Answer,
            CentWeight = weights.Cent,
            EnergyPrice = (double?)now.Gateway.EnergyPrice,
            Dearest = LacksPrice(candidates) ? Dearest(now.Cloud) : null,
        };
    }

    /// <summary>Any is a cloud's whose price nobody says.</summary>
    private static bool LacksPrice(ReadOnlySpan<Candidate> candidates)
    {
        foreach (ref readonly var candidate in candidates)
            if (candidate.Backend.Cloud is not null && candidate.Price is null) return true;
        return false;
    }

    private CloudPrice Dearest(CloudConfig cloud)
    {
        if (_unpriced is { } known && ReferenceEquals(known.Cloud, cloud)) return known.Dearest;
        var found = new Unpriced(cloud, prices.Value.Dearest(cloud.Prices ?? []));
        _unpriced = found;
        return found.Dearest;
    }

    /// <summary>What a model without a price counts as, by this configuration.</summary>
    private sealed record Unpriced(CloudConfig Cloud, CloudPrice Dearest);
}
