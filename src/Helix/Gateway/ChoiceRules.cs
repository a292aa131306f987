using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>What a configuration says of a choice between backends.</summary>
/// <param name="EnergyPrice">US dollars for a kilowatt-hour; null where nobody says.</param>
/// <param name="Dearest">What those without a price are measured by; null where none of them is a cloud without one.</param>
/// <param name="Hedges">A second one may be asked where the first is late.</param>
internal sealed record ChoiceRules(HelixConfig Config, ChoiceWeights Weights, bool Balances, bool Hedges, double? EnergyPrice, CloudPrice? Dearest)
{
    /// <param name="candidates">With their prices.</param>
    public static ChoiceRules Of(HelixConfig config, Costs costs, ReadOnlySpan<Candidate> candidates) => new(
        config, ChoiceWeights.Of(config.Performance.Weights), config.Performance.LoadBalance, config.Performance.Hedge, (double?)config.Gateway.EnergyPrice, costs.DearestFor(candidates, config));
}
