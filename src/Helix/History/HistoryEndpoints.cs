using System.Globalization;
using System.Text.Json.Nodes;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.History;
using Helix.Storage;

namespace Helix.History;

/// <summary><c>GET /helix/v1/history?provider=&amp;kind=&amp;severity=&amp;since=&amp;limit=</c> and <c>GET /helix/v1/uptime</c>.</summary>
internal sealed class HistoryEndpoints(HistoryTable history, UptimeTable uptime, UptimeWatch watch, TimeProvider time)
{
    private const int Month = 30;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/history", HistoryAsync);
        routes.MapGet("/helix/v1/history/{id:long}", OneAsync);
        routes.MapGet("/helix/v1/uptime", TellUptimeAsync);
    }

    private async Task HistoryAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (filter, wrong) = HistoryFilter.Parse(query["provider"], query["kind"], query["severity"], query["since"], query["limit"], time.GetUtcNow());
        if (filter is null)
        {
            await ApiAnswer.RefuseAsync(context, 400, new("invalid", wrong!));
            return;
        }

        switch (await history.ReadAsync(filter))
        {
            case Stored<List<HistoryEvent>>.Ok(var events): await ApiAnswer.OkAsync(context, new HistoryList([.. events.Select(Report)]), HistoryJson.Default.HistoryList); break;
            case Stored<List<HistoryEvent>>.Failed failed: await ApiAnswer.RefuseAsync(context, 500, new(failed.Code, failed.Reason, failed.Remedy)); break;
        }
    }

    private async Task OneAsync(HttpContext context)
    {
        var id = long.Parse((string)context.Request.RouteValues["id"]!, CultureInfo.InvariantCulture);
        switch (await history.OneAsync(id))
        {
            case Stored<HistoryEvent?>.Ok(null): await ApiAnswer.RefuseAsync(context, 404, new("not_found", $"nothing in the history has the number {id}", "The numbers are in: helix history --format json")); break;
            case Stored<HistoryEvent?>.Ok(var happened): await ApiAnswer.OkAsync(context, Report(happened), HistoryJson.Default.HistoryReport); break;
            case Stored<HistoryEvent?>.Failed failed: await ApiAnswer.RefuseAsync(context, 500, new(failed.Code, failed.Reason, failed.Remedy)); break;
        }
    }

    private async Task TellUptimeAsync(HttpContext context) => await ApiAnswer.OkAsync(context, new UptimeList(await UptimeAsync()), HistoryJson.Default.UptimeList);

    /// <summary>The whole first, then each provider.</summary>
    public async Task<IReadOnlyList<UptimeReport>> UptimeAsync()
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (await uptime.SinceAsync(today.AddDays(1 - Month)) is not Stored<Dictionary<UptimeKey, UptimeSpan>>.Ok(var kept)) kept = [];
        var all = kept.Concat(watch.Counted).ToArray();
        return [.. all.Select(one => one.Key.Who).Distinct().OrderBy(who => who != UptimeMeter.Whole).ThenBy(who => who, StringComparer.Ordinal).Select(Report)];

        UptimeReport Report(string who) => new(
            who, Sum(who, from: today).Share, Sum(who, from: DateOnly.MinValue).Share, Sum(who, from: today).Down.TotalSeconds, Sum(who, from: DateOnly.MinValue).Down.TotalSeconds,
            [.. all.Where(one => one.Key.Who == who).GroupBy(one => one.Key.Day).OrderBy(day => day.Key).Select(day => new UptimeDay(day.Key, day.Select(one => one.Value).Aggregate((a, b) => a + b).Share))]);

        UptimeSpan Sum(string who, DateOnly from) => all.Where(one => one.Key.Who == who && one.Key.Day >= from).Select(one => one.Value).Aggregate(default(UptimeSpan), (a, b) => a + b);
    }

    private static HistoryReport Report(HistoryEvent each) =>
        new(each.Id, each.At, each.Kind, each.Severity, each.Provider, each.Subject, each.What, each.Words, each.Data is { } data ? JsonNode.Parse(data)?.AsObject() : null);
}
