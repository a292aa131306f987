using Helix.Core.Clouds;

namespace Helix.Core.Gateway;

/// <summary>How it is known what a request costs at a backend.</summary>
internal enum CostBasis
{
    /// <summary>It is not: nobody says what its engine draws, or nothing is known yet of its speed. It counts as nothing.</summary>
    Unknown,

    /// <summary>By what its engine draws, and what a kilowatt-hour costs.</summary>
    Energy,

    /// <summary>By the price of a cloud's model.</summary>
    Price,

    /// <summary>Nobody says what the cloud's model costs: it counts as a little dearer than the dearest of which somebody does.</summary>
    Dearest,
}

/// <summary>What a request is likely to cost at a backend.</summary>
/// <param name="Dollars">US dollars; never below 0, never infinite.</param>
internal readonly record struct CostGuess(CostBasis Basis, double Dollars)
{
    private const double WattSecondsPerKilowattHour = 3_600_000;

    /// <summary>Dollars: beyond it nothing is compared any more.</summary>
    private const double Most = 1e9;

    /// <summary>By which what has no price is dearer than the dearest that has one, so that it does not go before that.</summary>
    private const double Dearer = 1.01;

    /// <summary>Dollars, where that would be nothing.</summary>
    private const double Least = 1e-9;

    /// <summary>Where nobody says what anything costs.</summary>
    private static readonly CloudPrice s_highest = new(CloudPrice.Highest, CloudPrice.Highest);

    public double Cents => 100 * Dollars;

    /// <remarks>
    /// A cloud is reckoned without what its caches may save: nobody knows that before. An engine is reckoned as if it answered alone, which is the most
    /// that the request itself takes of it.
    /// </remarks>
    /// <param name="kept">Tokens of the prompt that an engine is likely not to have to read.</param>
    public static CostGuess Of(in Candidate candidate, in ChoiceTerms terms, int kept)
    {
        var answer = Math.Max(0, candidate.AnswerTokens ?? terms.AnswerTokens);
        if (candidate.Backend.Cloud is not null)
        {
            var price = candidate.Price ?? terms.Dearest ?? s_highest;
            var dollars = (double)price.CostOf(Math.Max(0, terms.PromptTokens), (long)Math.Ceiling(answer), 0).Dollars;
            return candidate.Price is not null ? new(CostBasis.Price, Math.Min(dollars, Most)) : new(CostBasis.Dearest, Math.Min(Dearer * dollars + Least, Most));
        }

        if (terms.EnergyPrice is not { } perKilowattHour || candidate.Watts is not { } watts || candidate.Speed.Seen == 0) return default;
        var seconds = candidate.Speed.Guess(Math.Max(0, terms.PromptTokens - kept), answer, 1).Total;
        return new(CostBasis.Energy, Math.Min(watts * seconds / WattSecondsPerKilowattHour * perKilowattHour, Most));
    }
}
