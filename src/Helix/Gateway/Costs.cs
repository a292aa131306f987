using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Brings to the choice between backends what is known of what they cost: prices of clouds, and what engines here draw.</summary>
internal sealed class Costs(Lazy<CloudPrices> prices)
{
    private Unpriced? _unpriced;

    /// <summary>Fills in prices and what engines draw.</summary>
    /// <param name="rules">Of this moment.</param>
    public void AddTo(Span<Candidate> candidates, HelixConfig rules)
    {
        foreach (ref var candidate in candidates)
        {
            var backend = candidate.Backend;
            (candidate.Price, candidate.Watts) = (null, null);
            if (backend.Cloud is { } cloud) candidate.Price = prices.Value.Of(cloud, backend.UpstreamModel, rules.Cloud.Prices ?? []);
            else if (rules.Gateway.EnergyWatts is { } all && all.TryGetValue(backend.Provider, out var watts)) candidate.Watts = watts;
        }
    }

    /// <summary>What models of clouds without a price are measured by; null where none of these is one.</summary>
    public CloudPrice? DearestFor(ReadOnlySpan<Candidate> candidates, HelixConfig rules) => LacksPrice(candidates) ? Dearest(rules.Cloud) : null;

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
