namespace Helix.Core.Gateway;

/// <summary>What the setting <c>performance.weights</c> means for the choice of a backend.</summary>
/// <param name="FirstToken">As how many seconds one until the first token counts.</param>
/// <param name="Answer">The same for one from there on; both together make 2.</param>
/// <param name="Cent">As how many seconds a US cent counts.</param>
/// <param name="ComparesWithClouds">The setting says that cost counts: it then decides between what is served here and clouds, too.</param>
internal readonly record struct ChoiceWeights(double FirstToken, double Answer, double Cent, bool ComparesWithClouds)
{
    /// <summary>Weight of the time until the first token.</summary>
    public const string ResponseTime = "response_time";

    /// <summary>Weight of the time that the answer takes from there on.</summary>
    public const string Throughput = "throughput";

    /// <summary>Weight of what the request is likely to cost.</summary>
    public const string Cost = "cost";

    /// <summary>Seconds, where the setting does not name cost.</summary>
    public const double UsualCent = 1;

    /// <summary>Seconds: whoever says that only cost counts must not end up in an endless queue.</summary>
    public const double MostCent = 100;

    private const double Least = 0.05;

    /// <remarks>Times count alike where the setting names neither, or nothing but zeros.</remarks>
    public static ChoiceWeights Of(IReadOnlyDictionary<string, double>? weights)
    {
        var (first, answer) = (weights?.GetValueOrDefault(ResponseTime) ?? 0, weights?.GetValueOrDefault(Throughput) ?? 0);
        double? cost = weights is not null && weights.TryGetValue(Cost, out var named) ? named : null;
        var cent = cost is { } weight ? CentOf(weight, (first + answer) / 2) : UsualCent;
        if (first + answer <= 0) return new(1, 1, cent, cost > 0);
        // whoever says that only one counts must not end up in an endless queue
        var share = Math.Clamp(first / (first + answer), Least, 1 - Least);
        return new(2 * share, 2 - 2 * share, cent, cost > 0);
    }

    /// <param name="time">What a second weighs on average.</param>
    private static double CentOf(double cost, double time) => cost <= 0 ? 0 : time <= 0 ? MostCent : Math.Min(cost / time, MostCent);
}
