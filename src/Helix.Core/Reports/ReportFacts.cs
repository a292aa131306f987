using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Core.History;

namespace Helix.Core.Reports;

/// <summary>Makes a report of what was recorded.</summary>
internal static class ReportFacts
{
    /// <summary>Events of updates that are told one by one.</summary>
    private const int MostUpdates = 20;

    private const string Recovered = "recovered";

    public static PeriodReport Of(ReportInput input)
    {
        var (uptime, healing, updates) = (UptimeOf(input), HealingOf(input), UpdatesOf(input));
        var usage = ReportUsages.Of(input);
        var savings = CloudComparison.Of(input);
        return new(
            input.Version, new(input.Asked, input.From, input.Now, input.Per.Name, [.. NotesOf(input)]), uptime, healing, updates, usage, savings,
            [.. ReportAdvices.Of(input, uptime, healing, updates, usage)]);
    }

    private static ReportUptime UptimeOf(ReportInput input)
    {
        var counted = input.Uptime.Where(one => one.Key.Day >= input.FirstDay && one.Value != default).ToArray();
        return new(
            UptimeMeter.Target,
            [.. counted.GroupBy(one => one.Key.Who, StringComparer.Ordinal).OrderBy(who => who.Key != UptimeMeter.Whole).ThenBy(who => who.Key, StringComparer.Ordinal).Select(who => Up(who.Key, who))]);

        static ReportUp Up(string id, IEnumerable<KeyValuePair<UptimeKey, UptimeSpan>> days)
        {
            var all = days.OrderBy(one => one.Key.Day).ToArray();
            var sum = all.Select(one => one.Value).Aggregate(default(UptimeSpan), (a, b) => a + b);
            return new(id, sum.Share, sum.Up.TotalSeconds, sum.Down.TotalSeconds, [.. all.Select(one => new ReportDay(one.Key.Day, one.Value.Share))]);
        }
    }

    private static ReportHealing HealingOf(ReportInput input)
    {
        var events = input.Events.Where(one => one.Kind == HistoryKind.Healing).ToArray();
        var recoveries = events.Where(one => one.What == Recovered).Select(one => (Provider: one.Provider ?? UptimeMeter.Whole, Seconds: SecondsOf(one))).ToArray();
        double[] told = [.. recoveries.Select(one => one.Seconds).OfType<double>()];
        return new(
            recoveries.Length, told.Length > 0 ? told.Average() : null, told.Length > 0 ? told.Max() : null, events.Count(one => one.What == "given_up"),
            [.. recoveries.GroupBy(one => one.Provider, StringComparer.Ordinal).OrderByDescending(provider => provider.Count()).ThenBy(provider => provider.Key, StringComparer.Ordinal)
                .Select(provider => new ReportHealed(provider.Key, provider.Count(), provider.Max(one => one.Seconds)))],
            [.. events.Where(one => one.What != Recovered).GroupBy(one => one.What, StringComparer.Ordinal).OrderByDescending(what => what.Count()).ThenBy(what => what.Key, StringComparer.Ordinal)
                .Select(what => new ReportCount(what.Key, what.Count()))]);
    }

    /// <summary>How long a recovery took; null where an older helix did not write it.</summary>
    private static double? SecondsOf(HistoryEvent recovered)
    {
        if (recovered.Data is not { } data) return null;
        try
        {
            return JsonNode.Parse(data) is JsonObject known && known["seconds"] is JsonValue value && value.TryGetValue<double>(out var seconds) ? seconds : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ReportUpdates UpdatesOf(ReportInput input)
    {
        var events = input.Events.Where(one => one.Kind == HistoryKind.Update && (one.What is "switched" or "rolled_back" || IsFailure(one.What))).OrderBy(one => one.At).ToArray();
        return new(
            events.Count(one => one.What == "switched"), events.Count(one => one.What == "rolled_back"), events.Count(one => IsFailure(one.What)),
            [.. events.TakeLast(MostUpdates).Select(one => new ReportUpdate(one.At, one.What, one.Words))]);

        static bool IsFailure(string what) => what is "refused" or "failed" or "no_good" or "not_installed" or "not_built";
    }

    private static IEnumerable<string> NotesOf(ReportInput input)
    {
        var recorded = input.Recorded;
        yield return recorded.Usage is not { } request ? "No request to a model was ever recorded."
            : request > input.From ? $"The first request on record is of {Moment(request)}: nothing was recorded before."
            : $"Requests are counted in whole {input.Per.Name}s, from {Moment(input.From)} on.";
        yield return recorded.Uptime is not { } day ? "No uptime was ever recorded."
            : day > input.FirstDay ? $"Uptime is on record since {Day(day)}: nothing was recorded before."
            : $"Uptime is counted in whole days of UTC, from {Day(input.FirstDay)} on.";
        if (recorded.Events is not { } happened) yield return "No event was ever recorded, so nothing is known of recoveries and updates.";
        else if (happened > input.From) yield return $"The history begins at {Moment(happened)}: of recoveries and updates before that nothing is known.";
        if (input.AreEventsCut) yield return "There were more events than a report reads: the oldest recoveries and updates are missing.";
        if (recorded.Usage is not null && input.Rows.Count == 0) yield return "Nobody asked a model for anything in this time.";
    }

    /// <summary>In UTC.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
