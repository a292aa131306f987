using Helix.Core.Clouds;

namespace Helix.Core.Reports;

/// <summary>
/// What the tokens that were answered here would have cost at clouds. No model of theirs is the same as one here: so a low, a middle and a high price are
/// told, or those that were asked for. Where there is a doubt, the lower price counts: nothing is dearer for being long, and what an engine had kept of a
/// prompt, the cloud is thought to have kept, too.
/// </summary>
internal static class CloudComparison
{
    public static ReportSavings Of(ReportInput input)
    {
        var here = input.Rows.Where(row => row.IsAnswered && row.Source is ReportSource.Engine or ReportSource.Memory).ToArray();
        var (prompt, answer, cached, leftOut) = (0L, 0L, 0L, 0L);
        foreach (var model in here.GroupBy(row => row.Key.Model, StringComparer.Ordinal))
        {
            var tokens = (Prompt: model.Sum(row => row.Sum.Tokens.Prompt), Answer: model.Sum(row => row.Sum.Tokens.Answer), Cached: model.Sum(row => row.Sum.Tokens.Cached));
            if (tokens.Answer == 0) leftOut += tokens.Prompt;
            else (prompt, answer, cached) = (prompt + tokens.Prompt, answer + tokens.Answer, cached + tokens.Cached);
        }

        return new(
            input.PricesObserved, input.OwnPrices, prompt, answer, cached, leftOut, prompt + answer > 0 ? [.. Against(input, prompt, answer, cached)] : [],
            input.Rows.Select(row => row.Sum.Cost).Aggregate(Money.Zero, (a, b) => a + b).Dollars);
    }

    private static IEnumerable<ReportPrice> Against(ReportInput input, long prompt, long answer, long cached)
    {
        if (input.Against.Count > 0) return Cheapest(input.Against.Where(input.Prices.ContainsKey).Distinct(StringComparer.Ordinal).Select(name => Price("asked", name, input.Prices[name])));
        // what writes nothing, and what costs nothing, is no chat that is sold
        ReportPrice[] all = [.. Cheapest(input.Prices.Where(price => price.Value is { In: > 0, Out: > 0 }).Select(price => Price("", price.Key, price.Value)))];
        return all.Length switch
        {
            0 => [],
            1 => [all[0] with { Which = "lowest" }],
            2 => [all[0] with { Which = "lowest" }, all[1] with { Which = "highest" }],
            _ => [all[0] with { Which = "lowest" }, all[all.Length / 2] with { Which = "middle" }, all[^1] with { Which = "highest" }],
        };

        IEnumerable<ReportPrice> Cheapest(IEnumerable<ReportPrice> prices) => prices.OrderBy(price => price.CostUsd).ThenBy(price => price.Model, StringComparer.Ordinal);

        ReportPrice Price(string which, string model, CloudPrice price) =>
            new(which, model, price.In, price.Out, (price with { LongFrom = null }).CostOf(prompt, answer, cached).Dollars);
    }
}
