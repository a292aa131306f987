namespace Helix.Core.Updates;

/// <summary>One answer of an engine, measured.</summary>
/// <param name="Error">Why there was none, or why it is no good; null for a good one.</param>
/// <param name="FirstToken">From the question to the first token.</param>
/// <param name="TokensPerSecond">From the first token to the last; null where there were too few to tell.</param>
/// <param name="Tokens">Pieces of text that came.</param>
internal sealed record Measurement(string? Error, TimeSpan FirstToken, double? TokensPerSecond, int Tokens)
{
    public static Measurement Failed(string why) => new(why, TimeSpan.Zero, null, 0);
}

/// <summary>Whether a new release is as good as the one before, by the same questions to both.</summary>
internal static class ReleaseComparison
{
    /// <summary>Of one that is loaded and warm, a first token this much later is nothing that anybody sees.</summary>
    private static readonly TimeSpan s_unseen = TimeSpan.FromMilliseconds(200);

    /// <param name="before">Empty where the old release could not be asked.</param>
    /// <param name="slowdown">That is tolerated, from 0 to 1: 0.3 means a third less tokens in a second.</param>
    /// <returns>Null where the new one is good; else what is wrong with it.</returns>
    public static string? Fault(IReadOnlyList<Measurement> before, IReadOnlyList<Measurement> after, double slowdown)
    {
        // where the old one fails too, the questions are to blame
        if (before.Count > 0 && before.All(each => each.Error is not null)) return null;
        if (after.FirstOrDefault(each => each.Error is not null) is { Error: { } error }) return error;
        var (old, fresh) = (before.Where(each => each.Error is null).ToArray(), after.ToArray());
        if (old.Length == 0 || fresh.Length == 0) return null;
        if (Median(old.Select(each => each.TokensPerSecond)) is { } was && Median(fresh.Select(each => each.TokensPerSecond)) is { } isNow && isNow < was * (1 - slowdown))
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"it gives {isNow:0.#} tokens a second, and the release before gave {was:0.#}");
        var (first, firstNow) = (Median(old.Select(each => (double?)each.FirstToken.TotalMilliseconds))!.Value, Median(fresh.Select(each => (double?)each.FirstToken.TotalMilliseconds))!.Value);
        return firstNow - first > s_unseen.TotalMilliseconds && firstNow > first / (1 - slowdown)
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"its first token takes {firstNow:0} ms, and that of the release before took {first:0} ms")
            : null;
    }

    private static double? Median(IEnumerable<double?> values)
    {
        var known = values.OfType<double>().Order().ToArray();
        return known.Length == 0 ? null : known[known.Length / 2];
    }
}
