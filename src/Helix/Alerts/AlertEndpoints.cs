using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Alerts;
using Helix.Storage;

namespace Helix.Alerts;

/// <summary>
/// <c>GET /helix/v1/alerts?state=&amp;type=&amp;severity=&amp;since=&amp;limit=</c>, <c>GET /helix/v1/alerts/{id}</c>, <c>POST …/alerts/ack</c> and
/// <c>…/alerts/resolve</c>, and <c>GET</c>, <c>POST</c> and <c>DELETE …/alerts/silences</c>.
/// </summary>
internal sealed class AlertEndpoints(AlertWatch watch, AlertTable table, AlertStream stream, Func<string> link, TimeProvider time)
{
    /// <summary>Nobody says more of an alert.</summary>
    private const int LargestBody = 64 << 10;

    private const int LongestText = 1000;

    /// <summary>Who did it, where nobody says.</summary>
    private const string Somebody = "somebody over the API";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/alerts", ListAsync);
        routes.MapGet("/helix/v1/alerts/{id:long}", OneAsync);
        routes.MapPost("/helix/v1/alerts/ack", AcknowledgeAsync);
        routes.MapPost("/helix/v1/alerts/resolve", ResolveAsync);
        routes.MapGet("/helix/v1/alerts/silences", SilencesAsync);
        routes.MapPost("/helix/v1/alerts/silences", SilenceAsync);
        routes.MapDelete("/helix/v1/alerts/silences/{id:long}", EndSilenceAsync);
        routes.MapGet("/helix/v1/alerts/watch", stream.SendAsync);
    }

    /// <returns>Null where it was refused.</returns>
    public static async Task<T?> BodyAsync<T>(HttpContext context, JsonTypeInfo<T> type, string shape, int mostBytes = LargestBody)
        where T : class
    {
        if (await ApiAnswer.BodyAsync(context, mostBytes) is not { } body)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, new("invalid", $"the body is longer than {mostBytes >> 10} KiB", shape));
            return null;
        }

        try
        {
            if (JsonSerializer.Deserialize(body, type) is { } request) return request;
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", "the body is null", shape));
        }
        catch (JsonException wrong)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"the body is not what is expected: {wrong.Message}", shape));
        }

        return null;
    }

    /// <summary>Answers with what came of a wish.</summary>
    public static Task AnswerAsync(HttpContext context, Stored<WishOutcome> outcome) => outcome switch
    {
        Stored<WishOutcome>.Ok(WishOutcome.Done(var words, _, _)) => ApiAnswer.OkAsync(context, new Done(words), ApiJson.Default.Done),
        Stored<WishOutcome>.Ok(WishOutcome.Refused(var code, var reason, var remedy)) => ApiAnswer.RefuseAsync(context, StatusOf(code), new(code, reason, remedy)),
        Stored<WishOutcome>.Failed(var code, var reason, var remedy) => ApiAnswer.RefuseAsync(context, StatusOf(code), new(code, reason, remedy)),
        _ => throw new InvalidOperationException("an outcome is done, refused or failed"),
    };

    private async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (filter, wrong) = AlertFilter.Parse(query["state"], query["type"], query["severity"], query["since"], query["limit"], time.GetUtcNow());
        if (filter is null)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", wrong!));
            return;
        }

        // what is silenced is open besides: the silences say which
        var isSilenced = filter.State == AlertState.Silenced;
        switch (await table.ListAsync(isSilenced ? filter with { State = null, OnlyOpen = true } : filter))
        {
            case Stored<List<Alert>>.Ok(var alerts):
                var (book, now) = (watch.Current, time.GetUtcNow());
                var reports = alerts.Select(alert => AlertReporting.Of(alert, book, now, link())).Where(report => !isSilenced || report.State == AlertState.Silenced);
                var counts = book is null ? AlertCounts.None : AlertCounts.Of(book, now);
                await ApiAnswer.OkAsync(context, new AlertList([.. reports], counts.Open, counts.Unacknowledged), AlertApiJson.Default.AlertList);
                break;
            case Stored<List<Alert>>.Failed failed: await ApiAnswer.RefuseAsync(context, StatusOf(failed.Code), new(failed.Code, failed.Reason, failed.Remedy)); break;
        }
    }

    private async Task OneAsync(HttpContext context)
    {
        var id = IdOf(context);
        switch (await table.OneAsync(id))
        {
            case Stored<Alert?>.Ok(null): await ApiAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, new("not_found", $"there is no alert {id}", "The numbers are in: helix alerts list --state all")); break;
            case Stored<Alert?>.Ok(var alert): await ApiAnswer.OkAsync(context, AlertReporting.Of(alert, watch.Current, time.GetUtcNow(), link()), AlertApiJson.Default.AlertReport); break;
            case Stored<Alert?>.Failed failed: await ApiAnswer.RefuseAsync(context, StatusOf(failed.Code), new(failed.Code, failed.Reason, failed.Remedy)); break;
        }
    }

    private async Task AcknowledgeAsync(HttpContext context)
    {
        const string Shape = "Send {\"ids\": [1, 2]} or {\"all\": true}.";
        if (await BodyAsync(context, AlertApiJson.Default.AckRequest, Shape) is not { } request) return;
        if (request.All == (request.Ids is { Count: > 0 }) || IsTooLong(request.By, request.Note))
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", request.All ? "both ids and all are said, or a text is too long" : "neither ids nor all is said, or a text is too long", Shape));
            return;
        }

        await AnswerAsync(context, await watch.AskAsync(new AlertWish.Acknowledge(request.All ? null : [.. request.Ids!], request.By ?? Somebody, request.Note)));
    }

    private async Task ResolveAsync(HttpContext context)
    {
        const string Shape = "Send {\"ids\": [1, 2]}.";
        if (await BodyAsync(context, AlertApiJson.Default.ResolveRequest, Shape) is not { } request) return;
        if (request.Ids.Count == 0 || IsTooLong(request.By, request.Note))
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", "no id is said, or a text is too long", Shape));
            return;
        }

        await AnswerAsync(context, await watch.AskAsync(new AlertWish.Resolve([.. request.Ids], request.By ?? Somebody, request.Note)));
    }

    private async Task SilencesAsync(HttpContext context)
    {
        var now = time.GetUtcNow();
        await ApiAnswer.OkAsync(context, new SilenceList([.. (watch.Current?.Silences ?? []).Where(silence => silence.Until > now).Select(AlertReporting.Of)]), AlertApiJson.Default.SilenceList);
    }

    private async Task SilenceAsync(HttpContext context)
    {
        const string Shape = "Send {\"for\": \"2h\", \"alert\": 12}, or a type, cause, provider or subject in the place of the alert.";
        if (await BodyAsync(context, AlertApiJson.Default.SilenceRequest, Shape) is not { } request) return;
        if (RuleSpan.Parse(request.For) is not { } span || IsTooLong(request.By, request.Comment, request.Cause, request.Provider, request.Subject))
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"for must be {RuleSpan.Allowed}, and no text longer than {LongestText} characters", Shape));
            return;
        }

        var match = new SilenceMatch(request.Type, request.Cause, request.Provider, request.Subject);
        await AnswerAsync(context, await watch.AskAsync(new AlertWish.Quieten(request.Alert, match, time.GetUtcNow() + span, request.By ?? Somebody, request.Comment)));
    }

    private async Task EndSilenceAsync(HttpContext context) => await AnswerAsync(context, await watch.AskAsync(new AlertWish.EndSilence(IdOf(context))));

    private static bool IsTooLong(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
            if (text?.Length > LongestText) return true;
        return false;
    }

    private static long IdOf(HttpContext context) => long.Parse((string)context.Request.RouteValues["id"]!, CultureInfo.InvariantCulture);

    private static int StatusOf(string code) => code switch
    {
        "invalid" => StatusCodes.Status400BadRequest,
        "not_found" => StatusCodes.Status404NotFound,
        "conflict" => StatusCodes.Status409Conflict,
        "no_space" => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status500InternalServerError,
    };
}
