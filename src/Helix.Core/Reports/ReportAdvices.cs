using System.Globalization;
using Helix.Core.Cli;
using Helix.Core.History;

namespace Helix.Core.Reports;

/// <summary>What the figures of a report ask for. Each piece of advice names the figures that it rests on; where there are too few of them, none is given.</summary>
internal static class ReportAdvices
{
    /// <summary>Fewer requests say nothing of how it usually goes.</summary>
    public const int LeastRequests = 20;

    public const double MuchFailed = 0.02, MuchRefused = 0.1, MuchLeft = 0.1;

    /// <summary>That a provider came back so often is no accident.</summary>
    public const int ManyRecoveries = 3;

    /// <summary>Milliseconds: who waits for longer for a first token goes on with something else.</summary>
    public const double SlowFirstToken = 3000;

    private const double LeastDownSeconds = 60;
    private const decimal MuchSpent = 1;

    /// <summary>Of the disk, in bytes.</summary>
    private const long MuchRoom = 1_000_000_000;

    private const int MostModels = 3;

    /// <summary>A model that nobody asked for in a shorter time may just have been waited with.</summary>
    private static readonly TimeSpan s_unused = TimeSpan.FromDays(7);

    public static IEnumerable<ReportAdvice> Of(ReportInput input, ReportUptime uptime, ReportHealing healing, ReportUpdates updates, ReportUsage usage) =>
        [.. OfUptime(uptime), .. OfRecoveries(healing), .. OfRequests(input, usage), .. OfUpdates(updates), .. OfClouds(input, usage), .. OfModels(input)];

    private static IEnumerable<ReportAdvice> OfUptime(ReportUptime uptime) =>
        from one in uptime.Of
        where one.Share < uptime.Target && one.DownSeconds >= LeastDownSeconds
        let isWhole = one.Id == UptimeMeter.Whole
        select new ReportAdvice(
            "uptime", isWhole ? "Look why no model could be had." : $"Look why {one.Id} was down.",
            $"up {Percent(one.Share ?? 0)} of the time, and {Percent(uptime.Target)} is the target; down for {Human.Span(TimeSpan.FromSeconds(one.DownSeconds))}",
            isWhole ? "helix history --severity error" : $"helix history --severity warning --provider {Word(one.Id)}");

    private static IEnumerable<ReportAdvice> OfRecoveries(ReportHealing healing) =>
        from one in healing.Providers
        where one.Recoveries >= ManyRecoveries
        select new ReportAdvice(
            "recoveries", $"Look what brings {one.Provider} down; what comes again is no accident.",
            $"it came back {Times(one.Recoveries)}{(one.LongestSeconds is { } longest ? $", after {Seconds(longest)} at the longest" : "")}", $"helix history --kind healing --provider {Word(one.Provider)}");

    private static IEnumerable<ReportAdvice> OfRequests(ReportInput input, ReportUsage usage)
    {
        var (usageOf, engines) = (UsageSince(input), input.Rows.Where(row => row.Source == ReportSource.Engine).Select(row => row.Key.Model).ToHashSet(StringComparer.Ordinal));
        foreach (var model in usage.Models.Where(model => model is { Others: 0, Name.Length: > 0, Requests: >= LeastRequests }))
        {
            if (Share(model.Failed, model) is var failed and >= MuchFailed)
                yield return new("failures", $"Look why requests to {model.Name} fail.", $"{model.Failed} of {model.Requests} requests failed ({Percent(failed)})", $"{usageOf} --by provider,model");
            // how a cloud is run is not in the user's hand
            if (!engines.Contains(model.Name)) continue;
            if (Share(model.Left, model) is var left and >= MuchLeft)
                yield return new("left", $"Clients of {model.Name} go before its answer is complete: see whether it is too slow for them.", $"{model.Left} of {model.Requests} clients left ({Percent(left)})", "helix local-llm diagnose --measure");
            if (model.Streams >= LeastRequests && model.FirstTokenMs is { } first and >= SlowFirstToken)
                yield return new("first_token", $"{model.Name} begins late: see how many requests at once its engine bears, or use a smaller model.", $"the first token came after {Seconds(first / 1000)} on average of {model.Streams} streams", "helix local-llm diagnose --load");
        }

        foreach (var key in usage.Keys.Where(key => key is { Others: 0, Requests: >= LeastRequests }))
            if (Share(key.Refused, key) is var refused and >= MuchRefused)
                yield return new("refusals", $"Look what {KeyWords(key.Name)} asks for: much of it is refused.", $"{key.Refused} of {key.Requests} requests were refused ({Percent(refused)})", $"{usageOf} --by key,model");
    }

    private static IEnumerable<ReportAdvice> OfUpdates(ReportUpdates updates)
    {
        if (updates.RolledBack + updates.Failed > 0)
            yield return new("updates", "Look which newer versions did not prove themselves.", $"{updates.RolledBack} went back, {updates.Failed} did not come", "helix history --kind update");
    }

    private static IEnumerable<ReportAdvice> OfClouds(ReportInput input, ReportUsage usage)
    {
        if (usage.All.CostUsd < MuchSpent) yield break;
        var requests = input.Rows.Where(row => row.Source == ReportSource.Cloud).Sum(row => row.Sum.Requests);
        yield return new("clouds", "See whether models here could answer what clouds were paid for.", string.Create(CultureInfo.InvariantCulture, $"clouds took ${usage.All.CostUsd:0.00} for {requests} of {usage.All.Requests} requests"), $"{UsageSince(input)} --by provider,model");
    }

    private static IEnumerable<ReportAdvice> OfModels(ReportInput input)
    {
        // that nobody asked is known only of a time that is on record as a whole
        if (input.Now - input.From < s_unused || input.Rows.Count == 0 || input.Recorded.Usage is not { } recorded || recorded > input.From) return [];
        var asked = input.Rows.Select(row => row.Key.Model).ToHashSet(StringComparer.Ordinal);
        return input.Library.Where(model => model.Bytes >= MuchRoom && model.Added <= input.From && !asked.Contains(model.Id)).OrderByDescending(model => model.Bytes).ThenBy(model => model.Id, StringComparer.Ordinal).Take(MostModels)
            .Select(model => new ReportAdvice("unused_model", $"Remove {model.Id}, if nobody needs it.", $"{Human.Bytes(model.Bytes)} of disk, and no request in {Human.Span(input.Now - input.From)}", $"helix models remove {Word(model.Id)}"));
    }

    /// <summary>By day, as who reads a report wants it.</summary>
    private static string UsageSince(ReportInput input) => string.Create(CultureInfo.InvariantCulture, $"helix usage --per day --since {input.From.UtcDateTime:yyyy-MM-dd}");

    private static double Share(long some, ReportPart all) => (double)some / all.Requests;

    public static string KeyWords(string name) => name.Length > 0 ? $"the key {name}" : "a client without a key";

    /// <summary>Rounded down: what is not the whole, or misses a target by a little, does not look as if it were, or met it.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{(share < 1 ? Math.Min(Math.Floor(share * 10_000 + 1e-6) / 100, 99.99) : 100):0.##} %");

    public static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0##} s");

    public static string Times(long times) => times == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{times} times");

    /// <summary>A name as it may be typed: in quotes only where it needs them.</summary>
    private static string Word(string name) => name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/' or ':') ? name : ShellWord.Of(name);
}
