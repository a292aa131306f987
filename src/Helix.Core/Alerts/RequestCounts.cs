using System.Collections.Immutable;
using Helix.Core.Gateway;

namespace Helix.Core.Alerts;

/// <summary>What requests of a model at a provider came to since the daemon began.</summary>
/// <param name="Provider">Empty where they were sent to none.</param>
/// <param name="Ends">By their number as <see cref="RequestOutcome"/>.</param>
/// <param name="FirstTokens">By the bounds of <see cref="Telemetry.Measures.FirstToken"/>; in the same way what a token took.</param>
internal sealed record RequestCounts(string Provider, string Model, ImmutableArray<long> Ends, ImmutableArray<long> FirstTokens, ImmutableArray<long> PerTokens)
{
    public static RequestCounts operator +(RequestCounts one, RequestCounts other) =>
        one with { Ends = Sum(one.Ends, other.Ends, 1), FirstTokens = Sum(one.FirstTokens, other.FirstTokens, 1), PerTokens = Sum(one.PerTokens, other.PerTokens, 1) };

    public static RequestCounts operator -(RequestCounts one, RequestCounts other) =>
        one with { Ends = Sum(one.Ends, other.Ends, -1), FirstTokens = Sum(one.FirstTokens, other.FirstTokens, -1), PerTokens = Sum(one.PerTokens, other.PerTokens, -1) };

    private static ImmutableArray<long> Sum(ImmutableArray<long> one, ImmutableArray<long> other, int sign) => [.. one.Zip(other, (a, b) => a + sign * b)];
}
