using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Cli;
using Helix.Core.History;

namespace Helix.Core.Reports;

/// <summary>Words, tables and charts of a report.</summary>
internal static class ReportPages
{
    public static ReportPage Of(PeriodReport report) => new(
        "What helix did",
        $"{ReportFacts.Moment(report.Period.Asked)} to {ReportFacts.Moment(report.Period.To)}, helix {report.Version}",
        [Short(report), Advice(report), Uptime(report.Uptime), Healing(report.Healing), Updates(report.Updates), Requests(report), Speed(report.Usage), Keys(report.Usage), Models(report.Usage), Savings(report.Savings)]);

    private static ReportSection Short(PeriodReport report)
    {
        var (whole, usage, healing) = (report.Uptime.Of.FirstOrDefault(one => one.Id == UptimeMeter.Whole), report.Usage, report.Healing);
        var all = usage.All;
        return new(
            "In short",
            [
                whole?.Share is { } share ? $"A model could be had {ReportAdvices.Percent(share)} of the time in which one was to run; it could not for {Human.Span(TimeSpan.FromSeconds(whole.DownSeconds))}." : "Nothing was to run, so there is no uptime to tell.",
                $"{Count(all.Requests)} requests, {Count(all.PromptTokens)} tokens in and {Count(all.AnswerTokens)} out. {Count(all.Failed)} failed, {Count(all.Refused)} were refused, and of {Count(all.Left)} the client left.",
                $"Engines that had failed served again {ReportAdvices.Times(healing.Recoveries)}; newer releases were taken into use {ReportAdvices.Times(report.Updates.Switched)}.",
                Saved(report.Savings),
                .. report.Period.Notes,
            ]);
    }

    private static string Saved(ReportSavings savings) => savings.Against switch
    {
        [] when savings.PromptTokens + savings.AnswerTokens == 0 => "Nothing was answered here, so nothing is compared with what clouds take.",
        [] => "No price of a cloud is known, so nothing is compared.",
        [var one] => $"The same tokens would have cost {Dollars(one.CostUsd)} at {one.Model}, by prices of {savings.PricesObserved}.",
        [var first, .., var last] => $"The same tokens would have cost between {Dollars(first.CostUsd)} at {first.Model} and {Dollars(last.CostUsd)} at {last.Model}, by prices of {savings.PricesObserved}.",
    };

    private static ReportSection Advice(PeriodReport report) => report.Advice.Count == 0
        ? new("What to do", ["Nothing in these figures asks for a change."])
        : new("What to do", [])
        {
            Tables = [new("Advice, and the figures that it rests on", ["What to do", "Because", "Begin with"], [.. report.Advice.Select(one => ImmutableArray.Create(one.Words, one.Why, one.Command))], Words: 3)],
        };

    private static ReportSection Uptime(ReportUptime uptime)
    {
        if (uptime.Of.Count == 0) return new("Uptime", ["Nothing was to run in this time, or nothing was recorded."]);
        var whole = uptime.Of.FirstOrDefault(one => one.Id == UptimeMeter.Whole);
        return new("Uptime", [$"helix as a whole is up while a model can be had. What is meant to rest counts as neither up nor down. The target is {ReportAdvices.Percent(uptime.Target)}."])
        {
            Charts = whole is null ? [] : [new ReportChart.Strip("Uptime of helix as a whole, by day", uptime.Target, [.. whole.Days])],
            Tables =
            [
                new("Uptime", ["Who", "Up", "Down for", "Target met"], [.. uptime.Of.Select(one => ImmutableArray.Create(
                    one.Id, Share(one.Share), Human.Span(TimeSpan.FromSeconds(one.DownSeconds)), one.Share is { } share ? share >= uptime.Target ? "yes" : "no" : "-"))]),
                .. Filled(new("Uptime of helix as a whole, by day", ["Day (UTC)", "Up"], [.. Days(whole).Select(day => ImmutableArray.Create(ReportFacts.Day(day.Day), Share(day.Share)))]) { IsOfChart = true }),
            ],
        };
    }

    private static ReportSection Healing(ReportHealing healing)
    {
        if (healing.Recoveries == 0 && healing.Events.Count == 0) return new("Recoveries", ["No engine failed, as far as it is on record."]);
        var took = healing is { MeanSeconds: { } mean, LongestSeconds: { } longest } ? $" It took {ReportAdvices.Seconds(mean)} on average and {ReportAdvices.Seconds(longest)} at the longest, from the fault until it served again." : "";
        return new("Recoveries", [$"Engines that had failed served again {ReportAdvices.Times(healing.Recoveries)}.{took}{(healing.GivenUp > 0 ? $" Nothing helped for a while {ReportAdvices.Times(healing.GivenUp)}." : "")}"])
        {
            Tables =
            [
                .. Filled(new("By provider", ["Provider", "Recoveries", "Longest"], [.. healing.Providers.Select(one => ImmutableArray.Create(one.Provider, Count(one.Recoveries), one.LongestSeconds is { } seconds ? ReportAdvices.Seconds(seconds) : "-"))])),
                .. Filled(new("What else was seen and done", ["Event", "Times"], [.. healing.Events.Select(one => ImmutableArray.Create(one.What, Count(one.Times)))])),
            ],
        };
    }

    private static ReportSection Updates(ReportUpdates updates) => updates.Events.Count == 0
        ? new("Updates", ["No newer release came, as far as it is on record."])
        : new("Updates", [$"{Count(updates.Switched)} newer releases were taken into use, {Count(updates.RolledBack)} went back, {Count(updates.Failed)} did not come."])
        {
            Tables = [new("The newest", ["When (UTC)", "What", "Words"], [.. updates.Events.Select(one => ImmutableArray.Create(ReportFacts.Moment(one.At), one.What, one.Words))], Words: 3)],
        };

    private static ReportSection Requests(PeriodReport report)
    {
        var usage = report.Usage;
        if (usage.All.Requests == 0) return new("Requests and tokens", ["There were no requests."]);
        return new(
            "Requests and tokens",
            [
                $"{Count(usage.FromMemory)} of {Count(usage.All.Requests)} were answered from memory. Of the tokens in, engines had not to compute {Count(usage.CachedTokens)} again.",
                usage.Estimated > 0 ? $"Of {Count(usage.Estimated)} requests the engine told no tokens: lengths were counted instead." : "All tokens are as the engines told them.",
                .. If(usage.OwnRequests > 0, $"Beside these, helix asked {Count(usage.OwnRequests)} by itself, for comparisons and vectors."),
            ])
        {
            Charts =
            [
                new ReportChart.Columns("Requests over time", ["ended otherwise", "failed"], [.. usage.Points.Select(point => new ChartPoint(ReportFacts.Moment(point.At), [point.Requests - point.Failed, point.Failed]))]),
                new ReportChart.Columns("Tokens over time", ["in", "out"], [.. usage.Points.Select(point => new ChartPoint(ReportFacts.Moment(point.At), [point.PromptTokens, point.AnswerTokens]))]),
            ],
            Tables =
            [
                new("Over time", ["From (UTC)", "Requests", "Failed", "Tokens in", "Tokens out"], [.. usage.Points.Select(point => ImmutableArray.Create(
                    ReportFacts.Moment(point.At), Count(point.Requests), Count(point.Failed), Count(point.PromptTokens), Count(point.AnswerTokens)))]) { IsOfChart = true },
            ],
        };
    }

    private static ReportSection Speed(ReportUsage usage)
    {
        var timed = usage.Models.Where(model => model.FirstTokenMs is not null || model.TokensPerSecond is not null).ToArray();
        return timed.Length == 0
            ? new("Speed", ["No engine answered in this time, so there is no speed to tell."])
            : new("Speed", ["Averages over all requests, as their clients saw them: waits for a place or a model are in them. Answers from memory are not. Of each request only sums are kept, so there are no percentiles; of the last hour the dashboard has them."])
            {
                Tables = [new("Speed by model", ["Model", "Streams", "First token", "Tokens/s"], [.. timed.Select(model => ImmutableArray.Create(
                    Name(model, "no model"), Count(model.Streams), model.FirstTokenMs is { } first ? ReportAdvices.Seconds(first / 1000) : "-", model.TokensPerSecond is { } rate ? rate.ToString("0.0", CultureInfo.InvariantCulture) : "-"))])],
            };
    }

    private static ReportSection Keys(ReportUsage usage) => Parts("Top users", "Keys, by the tokens that they took", "Key", "without a key", usage.Keys);

    private static ReportSection Models(ReportUsage usage)
    {
        var section = Parts("Top models", "Models, by their tokens", "Model", "no model", usage.Models);
        return usage.Providers.Count == 0 ? section : section with { Tables = [.. section.Tables, Table("Providers", "Provider", "sent to none", usage.Providers)] };
    }

    private static ReportSection Parts(string title, string called, string head, string none, IReadOnlyList<ReportPart> parts) => parts.Count == 0
        ? new(title, ["There were no requests."])
        : new(title, [])
        {
            Charts = [new ReportChart.Bars(called, [.. parts.Select(part => new ChartPoint(Name(part, none), [part.Tokens]))])],
            Tables = [Table(called, head, none, parts)],
        };

    private static ReportTable Table(string called, string head, string none, IReadOnlyList<ReportPart> parts) => new(
        called, [head, "Requests", "Failed", "Refused", "Left", "Tokens in", "Tokens out", "Paid to clouds"],
        [.. parts.Select(part => ImmutableArray.Create(
            Name(part, none), Count(part.Requests), Count(part.Failed), Count(part.Refused), Count(part.Left), Count(part.PromptTokens), Count(part.AnswerTokens), part.CostUsd > 0 ? Dollars(part.CostUsd) : "-"))]);

    private static ReportSection Savings(ReportSavings savings)
    {
        var paid = If(savings.CloudsTookUsd > 0, $"Clouds were paid {Dollars(savings.CloudsTookUsd)} for what they answered themselves, which is no part of the comparison.");
        if (savings.Against.Count == 0) return new("Savings against clouds", [Saved(savings), .. paid]);
        return new(
            "Savings against clouds",
            [
                $"What was answered here, {Count(savings.PromptTokens)} tokens in ({Count(savings.CachedTokens)} of them kept from before) and {Count(savings.AnswerTokens)} out, at the prices of clouds. Prices are of {savings.PricesObserved}{(savings.OwnPrices.Count > 0 ? $", but for {Count(savings.OwnPrices.Count)} of your own in cloud.prices" : "")}; helix config set cloud.prices changes them.",
                "No model of a cloud is the same as one here: it may be better or worse, and need more or fewer tokens. Requests that only count tokens are in it, though a cloud may take nothing for them. Power, the machine and your time are not counted. Prices are those of short prompts.",
                .. If(savings.LeftOutTokens > 0, $"{Count(savings.LeftOutTokens)} tokens of models that write nothing, such as those for embeddings, are left out."),
                .. paid,
            ])
        {
            Tables = [new("What the same tokens would have cost", ["Model", "Price", "In, $ per million", "Out, $ per million", "Cost"], [.. savings.Against.Select(price => ImmutableArray.Create(
                price.Model, price.Which, Figure(price.InUsd), Figure(price.OutUsd), Dollars(price.CostUsd)))], Words: 2)],
        };
    }

    private static IReadOnlyList<ReportDay> Days(ReportUp? one) => one?.Days ?? [];

    private static ImmutableArray<string> If(bool isSo, string line) => isSo ? [line] : [];

    private static ImmutableArray<ReportTable> Filled(ReportTable table) => table.Rows.Length > 0 ? [table] : [];

    private static string Name(ReportPart part, string none) => part.Others > 0 ? $"{Count(part.Others)} others" : part.Name.Length > 0 ? part.Name : none;

    private static string Share(double? share) => share is { } known ? ReportAdvices.Percent(known) : "-";

    private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Figure(decimal figure) => figure.ToString("0.00##", CultureInfo.InvariantCulture);

    private static string Dollars(decimal dollars) => $"${Figure(dollars)}";
}
