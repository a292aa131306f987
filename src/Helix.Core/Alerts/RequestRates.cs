using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Gateway;
using Helix.Core.Telemetry;

namespace Helix.Core.Alerts;

/// <summary>How requests went of late, from what they came to at two moments.</summary>
internal static class RequestRates
{
    /// <summary>Of fewer requests nothing is said.</summary>
    public const int Enough = 10;

    /// <summary>Of fewer before, nobody says that it was faster then.</summary>
    public const int EnoughBefore = 50;

    /// <param name="before">At the beginning of the time that is looked at.</param>
    public static IEnumerable<MeasuredValue> Of(IReadOnlyList<RequestCounts> before, IReadOnlyList<RequestCounts> now)
    {
        var known = before.ToDictionary(counts => (counts.Provider, counts.Model));
        RequestCounts[] lately = [.. now.Select(counts => known.TryGetValue((counts.Provider, counts.Model), out var then) ? counts - then : counts)];
        foreach (var counts in lately.Where(counts => counts.Provider.Length > 0))
        {
            if (FirstToken(counts) is { } first) yield return first;
            if (known.TryGetValue((counts.Provider, counts.Model), out var then) && Slowdown(counts, then) is { } slow) yield return slow;
        }

        foreach (var model in lately.Where(counts => counts.Model.Length > 0).GroupBy(counts => counts.Model, StringComparer.Ordinal))
            if (Failed(model.Key, model.Aggregate((one, other) => one + other)) is { } failed) yield return failed;
    }

    /// <summary>The value below which a share of what was counted lies: between two bounds it is taken for spread evenly, beyond the last one for that.</summary>
    /// <param name="counts">One more than there are bounds.</param>
    /// <returns>Null where nothing was counted.</returns>
    public static double? Quantile(ImmutableArray<long> counts, ImmutableArray<double> bounds, double share)
    {
        var all = counts.Sum();
        if (all <= 0) return null;
        var (wanted, passed) = (all * share, 0.0);
        for (var at = 0; at < bounds.Length; at++)
        {
            if (passed + counts[at] >= wanted && counts[at] > 0)
            {
                var lower = at == 0 ? 0 : bounds[at - 1];
                return lower + (bounds[at] - lower) * (wanted - passed) / counts[at];
            }

            passed += counts[at];
        }

        return bounds[^1];
    }

    private static MeasuredValue? FirstToken(RequestCounts counts)
    {
        if (counts.FirstTokens.Sum() < Enough || Quantile(counts.FirstTokens, Measures.FirstToken.Bounds, 0.95) is not { } seconds) return null;
        return new(AlertMeasure.FirstToken, counts.Provider, Name(counts), seconds, Words($"{Name(counts)} took up to {seconds:0.##} s until the first token, in 95 of 100 streams of the last minutes"));
    }

    private static MeasuredValue? Slowdown(RequestCounts counts, RequestCounts before)
    {
        if (counts.PerTokens.Sum() < Enough || before.PerTokens.Sum() < EnoughBefore) return null;
        if (Quantile(counts.PerTokens, Measures.PerToken.Bounds, 0.5) is not { } now || Quantile(before.PerTokens, Measures.PerToken.Bounds, 0.5) is not (> 0 and var then)) return null;
        return new(
            AlertMeasure.Slowdown, counts.Provider, Name(counts), now / then,
            Words($"{Name(counts)} writes {1 / now:0.#} tokens a second in the middle, and wrote {1 / then:0.#} before"));
    }

    private static MeasuredValue? Failed(string model, RequestCounts counts)
    {
        var (answered, failed) = (counts.Ends[(int)RequestOutcome.Answered], counts.Ends[(int)RequestOutcome.Failed]);
        if (answered + failed < Enough) return null;
        return new(AlertMeasure.FailedPercent, null, model, 100.0 * failed / (answered + failed), Words($"{failed} of {answered + failed} requests for {model} failed in the last minutes"));
    }

    private static string Name(RequestCounts counts) => $"{counts.Provider}/{counts.Model}";

    private static string Words(FormattableString words) => words.ToString(CultureInfo.InvariantCulture);
}
