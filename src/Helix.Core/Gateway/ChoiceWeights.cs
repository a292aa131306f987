namespace Helix.Core.Gateway;

/// <summary>What the setting <c>performance.weights</c> means for the choice of a backend.</summary>
internal static class ChoiceWeights
{
    /// <summary>Weight of the time until the first token.</summary>
    public const string ResponseTime = "response_time";

    /// <summary>Weight of the time that the answer takes from there on.</summary>
    public const string Throughput = "throughput";

    private const double Least = 0.05;

    /// <returns>Two factors whose sum is 2; equal where the setting names neither, or nothing but zeros.</returns>
    public static (double FirstToken, double Answer) Of(IReadOnlyDictionary<string, double>? weights)
    {
        var (first, answer) = (weights?.GetValueOrDefault(ResponseTime) ?? 0, weights?.GetValueOrDefault(Throughput) ?? 0);
        if (first + answer <= 0) return (1, 1);
        // whoever says that only one counts must not end up in an endless queue
        var share = Math.Clamp(first / (first + answer), Least, 1 - Least);
        return (2 * share, 2 - 2 * share);
    }
}
