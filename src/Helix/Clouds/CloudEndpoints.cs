using System.Text.Json;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Fleet;
using Helix.Storage;

namespace Helix.Clouds;

/// <summary><c>/helix/v1/clouds</c>: which clouds are used, and the wish to use one or to forget one. No answer has a key in it.</summary>
internal sealed class CloudEndpoints(CloudWatch watch, FleetFeed feed, Fleet.Fleet fleet, SpendingTable spending, Func<HelixConfig> config, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/clouds", ListAsync);
        routes.MapPost("/helix/v1/clouds", AddAsync);
        routes.MapDelete("/helix/v1/clouds/{id}", RemoveAsync);
    }

    private async Task ListAsync(HttpContext context)
    {
        switch (await spending.SpentAsync(CloudToll.DayOf(time.GetUtcNow())))
        {
            case Stored<Money>.Ok(var spent):
                await ApiAnswer.OkAsync(context, new CloudList([.. watch.Current.Clouds.Select(ReportOf)], spent.Dollars, config().Cloud.DailyBudget), CloudJson.Default.CloudList);
                break;
            case Stored<Money>.Failed failed:
                await ApiAnswer.RefuseAsync(context, StatusCodes.Status500InternalServerError, new(failed.Code, failed.Reason, failed.Remedy));
                break;
        }
    }

    private async Task AddAsync(HttpContext context)
    {
        AddCloudRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(context.Request.Body, CloudJson.Default.AddCloudRequest, context.RequestAborted);
        }
        catch (JsonException bad)
        {
            // its message names the place, never the text there
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"the body is no request to add a cloud: {bad.Message}"));
            return;
        }

        if (request is null)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", "the body is null", "send {\"cloud\": \"openai\", \"key\": \"…\"}"));
            return;
        }

        var outcome = await watch.AddAsync(request.Cloud, request.Key, request.Name, request.Models, request.Speaks, context.RequestAborted);
        if (outcome is CloudOutcome.Done) await ToldAsync();
        await (outcome switch
        {
            CloudOutcome.Done(var cloud) => DoneAsync(context, $"{cloud.Id} is used: {cloud.Name}; {Models(cloud)}"),
            var refused => RefuseAsync(context, (CloudOutcome.Refused)refused),
        });
    }

    private async Task RemoveAsync(HttpContext context)
    {
        var outcome = await watch.RemoveAsync(context.Request.RouteValues["id"] as string ?? "", context.RequestAborted);
        if (outcome is CloudOutcome.Done) await ToldAsync();
        await (outcome switch
        {
            CloudOutcome.Done(var cloud) => DoneAsync(context, $"{cloud.Id} is used no longer, and its key is forgotten"),
            var refused => RefuseAsync(context, (CloudOutcome.Refused)refused),
        });
    }

    /// <summary>Whoever is told that it is done finds it done.</summary>
    private Task ToldAsync()
    {
        fleet.Update(feed.Now());
        return fleet.SettledAsync();
    }

    private static string Models(Cloud cloud) => cloud.Models.Length switch
    {
        0 => "it lists no model",
        1 => $"its model goes by {cloud.Id}/{cloud.Models[0].Id}",
        var many => $"its {many} models go by {cloud.Id}/MODEL, the first is {cloud.Id}/{cloud.Models[0].Id}",
    };

    private string StateOf(Cloud cloud) =>
        watch.IsHidden(cloud) ? "name_taken" : cloud.Key is null ? "no_key" : watch.IsKeyRefused(cloud) ? "key_refused" : watch.IsOffline ? "offline" : "ready";

    private CloudReport ReportOf(Cloud cloud) => new(
        cloud.Id, cloud.Name, cloud.Address.Url, StateOf(cloud), [.. cloud.Models.Select(model => model.Id)], cloud.Since, SpokenWords.Name(cloud.Words));

    private static Task DoneAsync(HttpContext context, string message) => ApiAnswer.OkAsync(context, new Done(message), ApiJson.Default.Done);

    private static Task RefuseAsync(HttpContext context, CloudOutcome.Refused refused) => ApiAnswer.RefuseAsync(
        context,
        refused.Code switch { "invalid" => 400, "not_found" => 404, "unreachable" or "offline" => 502, "no_space" => 507, _ => 409 },
        new(refused.Code, refused.Reason, refused.Remedy));
}
