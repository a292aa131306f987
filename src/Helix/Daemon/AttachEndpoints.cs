using System.Text.Json;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Fleet;

namespace Helix.Daemon;

/// <summary><c>/helix/v1/attached</c>: which engines of somebody else are used, and the wish to use one or to leave one alone.</summary>
internal sealed class AttachEndpoints(AttachWatch watch, FleetFeed feed, Fleet.Fleet fleet)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/attached", context => ApiAnswer.OkAsync(context, new AttachedList([.. watch.Current.Engines.Select(ReportOf)]), AttachJson.Default.AttachedList));
        routes.MapPost("/helix/v1/attached", AttachAsync);
        routes.MapDelete("/helix/v1/attached/{id}", DetachAsync);
    }

    private async Task AttachAsync(HttpContext context)
    {
        AttachRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(context.Request.Body, AttachJson.Default.AttachRequest, context.RequestAborted);
        }
        catch (JsonException bad)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"the body is no request to attach: {bad.Message}"));
            return;
        }

        if (request is null)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", "the body is null", "send {\"url\": \"http://127.0.0.1:8080\"}"));
            return;
        }

        var outcome = await watch.AttachAsync(request.Url, request.Key, request.Name, request.Remote, context.RequestAborted);
        if (outcome is AttachOutcome.Done) await ToldAsync();
        await (outcome switch
        {
            AttachOutcome.Done(var engine) => DoneAsync(context, $"{engine.Id} is attached: {engine.Name}{(engine.Release is null ? "" : $" {engine.Release}")} at {engine.Address}; {Models(engine)}"),
            var refused => RefuseAsync(context, (AttachOutcome.Refused)refused),
        });
    }

    private async Task DetachAsync(HttpContext context)
    {
        var outcome = await watch.DetachAsync(context.Request.RouteValues["id"] as string ?? "", context.RequestAborted);
        if (outcome is AttachOutcome.Done) await ToldAsync();
        await (outcome switch
        {
            AttachOutcome.Done(var engine) => DoneAsync(context, $"{engine.Id} is used no longer{(engine.Health == AttachedHealth.Gone ? "" : "; it goes on running")}. To use it again: helix local-llm attach {engine.Address}"),
            var refused => RefuseAsync(context, (AttachOutcome.Refused)refused),
        });
    }

    /// <summary>Whoever is told that it is done finds it done.</summary>
    private Task ToldAsync()
    {
        fleet.Update(feed.Now());
        return fleet.SettledAsync();
    }

    private static string Models(AttachedEngine engine) => engine.Models.Length switch
    {
        0 => "it lists no model yet",
        AttachedModels.Most => $"it has many models, and only the first {AttachedModels.Most} of them are used, the first as {engine.Id}/{engine.Models[0].Id}",
        1 => $"its model goes by {engine.Id}/{engine.Models[0].Id}",
        var many => $"its {many} models go by {engine.Id}/MODEL, the first is {engine.Id}/{engine.Models[0].Id}",
    };

    private static AttachedReport ReportOf(AttachedEngine engine) => new(
        engine.Id, engine.Name, engine.Address.Url, engine.Health.ToString().ToLowerInvariant(), engine.Release, engine.IsFound ? "helix" : "you", engine.Key is not null, [.. engine.Models.Select(model => model.Id)], engine.Since);

    private static Task DoneAsync(HttpContext context, string message) => ApiAnswer.OkAsync(context, new Done(message), ApiJson.Default.Done);

    private static Task RefuseAsync(HttpContext context, AttachOutcome.Refused refused) => ApiAnswer.RefuseAsync(
        context,
        refused.Code switch { "invalid" => 400, "not_found" => 404, "unreachable" => 502, "no_space" => 507, _ => 409 },
        new(refused.Code, refused.Reason, refused.Remedy));
}
