using Helix.Core.Clouds;
using Helix.Core.Gateway;
using Helix.Core.History;
using Helix.Core.Reports;
using Helix.Gateway;
using Helix.History;
using Helix.Storage;

namespace Helix.Reports;

/// <summary>What a report needs beside the database.</summary>
internal sealed record ReportFeeds
{
    public required string Version { get; init; }

    /// <summary>The list that comes with helix.</summary>
    public required Lazy<CloudPrices> Prices { get; init; }

    /// <summary><c>cloud.prices</c>.</summary>
    public required Func<IReadOnlyList<string>> OwnPrices { get; init; }

    /// <summary>Whether a provider of that id is a cloud.</summary>
    public required Func<string, bool> IsCloud { get; init; }

    public required Func<IReadOnlyList<ReportModel>> Library { get; init; }
}

/// <summary>Reads all that a report is made of.</summary>
internal sealed class ReportSources(Accounts accounts, UsageTable usage, UptimeTable uptime, UptimeWatch watch, HistoryTable history, ReportFeeds feeds)
{
    /// <summary>Of each kind.</summary>
    private const int MostEvents = 10_000;

    /// <returns>By <c>CLOUD/MODEL</c>, and the day on which the clouds said so.</returns>
    public (IReadOnlyDictionary<string, CloudPrice> Prices, string Observed) Prices() => (feeds.Prices.Value.All(feeds.OwnPrices()), feeds.Prices.Value.Observed);

    /// <param name="input">Of which time.</param>
    /// <returns>The same, filled.</returns>
    public async Task<Stored<ReportInput>> ReadAsync(ReportInput input)
    {
        // what came in this very moment counts too
        accounts.Flush();
        var (rows, firstRow) = (await usage.ReadAsync(input.Per, input.From), await usage.FirstAsync(input.Per));
        var (days, firstDay) = (await uptime.SinceAsync(input.FirstDay), await uptime.FirstAsync());
        var (healed, updated, firstEvent) = (await EventsAsync(HistoryKind.Healing, input), await EventsAsync(HistoryKind.Update, input), await history.FirstAsync());
        // they come from one database: what keeps one from being read keeps the others, too
        if ((Failed(rows) ?? Failed(firstRow) ?? Failed(days) ?? Failed(firstDay) ?? Failed(healed) ?? Failed(updated) ?? Failed(firstEvent)) is { } failed) return failed;
        var (prices, observed) = Prices();
        var counted = watch.Counted;
        var events = Value(healed).Concat(Value(updated)).ToArray();
        var (own, library) = (Value(rows).Where(row => OwnRequest.IsKey(row.Key.Key)).Select(row => row.Key.Model).ToHashSet(StringComparer.Ordinal), feeds.Library());
        var heard = Value(rows).Where(row => !OwnRequest.IsKey(row.Key.Key)).ToArray();
        return new Stored<ReportInput>.Ok(input with
        {
            Version = feeds.Version,
            Rows = [.. heard.Select(row => new ReportRow(row.Key, row.Value, SourceOf(row.Key, row.Value)))],
            OwnRequests = Value(rows).Sum(row => row.Value.Requests) - heard.Sum(row => row.Value.Requests),
            Uptime = Value(days).Concat(counted).GroupBy(one => one.Key).ToDictionary(same => same.Key, same => same.Select(one => one.Value).Aggregate((a, b) => a + b)),
            Events = events,
            AreEventsCut = Value(healed).Count == MostEvents || Value(updated).Count == MostEvents,
            Recorded = new(Value(firstRow), counted.Keys.Select(key => (DateOnly?)key.Day).Append(Value(firstDay)).Min(), Value(firstEvent)),
            Prices = prices,
            PricesObserved = observed,
            OwnPrices = feeds.OwnPrices(),
            // what helix asks by itself, for vectors, is in use, too
            Library = [.. library.Where(model => !own.Contains(model.Id))],
        });
    }

    private Task<Stored<List<HistoryEvent>>> EventsAsync(HistoryKind kind, ReportInput input) => history.ReadAsync(new(Kind: kind, Since: input.From, Most: MostEvents));

    private ReportSource SourceOf(UsageKey key, UsageSum sum) => key.Provider switch
    {
        "" => ReportSource.None,
        Exchange.FromMemory or Exchange.FromMeaning => ReportSource.Memory,
        // one that was taken away since is told by its price, or by the names of its models
        var id => feeds.IsCloud(id) || sum.Cost > Money.Zero || key.Model.StartsWith($"{id}/", StringComparison.Ordinal) ? ReportSource.Cloud : ReportSource.Engine,
    };

    private static T Value<T>(Stored<T> read) => ((Stored<T>.Ok)read).Value;

    private static Stored<ReportInput>.Failed? Failed<T>(Stored<T> read) => read is Stored<T>.Failed failed ? new(failed.Code, failed.Reason, failed.Remedy) : null;
}
