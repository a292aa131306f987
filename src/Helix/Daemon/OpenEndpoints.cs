using System.Globalization;
using System.Text.Json;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Fleet;
using Helix.Manifests;
using Helix.Relay;

namespace Helix.Daemon;

/// <summary><c>POST /helix/v1/providers/{id}/open</c>: wakes the provider, and makes a link to its own web interface.</summary>
internal sealed class OpenEndpoints(IFleetView fleet, ProviderRoster roster, ManifestShelf shelf, InterfaceRelays relays, EngineWait engines)
{
    private const int Longest = 24 * 3600;

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/helix/v1/providers/{id}/open", OpenAsync);

    private async Task OpenAsync(HttpContext context)
    {
        var id = context.Request.RouteValues["id"] as string ?? "";
        OpenRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(context.Request.Body, AttachJson.Default.OpenRequest, context.RequestAborted);
        }
        catch (JsonException bad)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"the body is no request to open: {bad.Message}"));
            return;
        }

        if (request?.Seconds is { } given and (< 1 or > Longest))
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"{given} seconds cannot be", $"from 1 to {Longest}"));
            return;
        }

        if (fleet.Current.Providers.FirstOrDefault(provider => provider.Id == id) is not { } known)
        {
            await roster.RefuseAsync(context, id);
            return;
        }

        var (target, refusal) = TargetOf(known, request?.Model);
        if (target is null || (refusal = (await engines.ReadyAsync(target.Provider, target.Model, context.RequestAborted)).Refusal) is not null)
        {
            await ApiAnswer.RefuseAsync(context, refusal!.Code == "timeout" ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status409Conflict, refusal);
            return;
        }

        var span = request?.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : default(TimeSpan?);
        await (await relays.OpenAsync(target, span) is { } url
            ? ApiAnswer.OkAsync(context, new OpenedReport(url, id, target.Model, span is { } limit ? $"{Words(limit)} from now" : $"when it was not used for {Words(InterfaceRelay.IdleLimit)}"), AttachJson.Default.OpenedReport)
            : ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", "too many web interfaces are open", "they close when they are not used; helix restart closes all")));
    }

    private (RelayTarget? Target, ApiError? Refusal) TargetOf(ProviderStatus known, string? model)
    {
        var manifest = shelf.Current.Find(known.IsAttached ? known.Product ?? known.Id : known.Id);
        if (manifest?.Serves?.Interface is not { } own)
        {
            var others = shelf.Current.Manifests.Where(each => each.Serves?.Interface is not null).Select(each => each.Id);
            return (null, new("conflict", $"{known.Id} has no web interface that helix knows of", $"these have one: {string.Join(", ", others)}"));
        }

        if (known.IsAttached && own.Port is not null) return (null, new("conflict", $"{known.Id} is run by somebody else, and its web interface is on a port of its own", "open it in a browser as whoever runs it does"));
        if (RelayTarget.ModelAt(fleet, known.Id, model) is { } served) return (new(known.Id, served, own), null);
        return (null, model is null
            ? new("conflict", $"{known.Id} has no model to work with: {known.Reason}", "helix models add PATH, or helix models pull NAME")
            : new("not_found", $"{known.Id} has no model '{model}'", "helix status shows the models"));
    }

    private static string Words(TimeSpan span) => span.TotalMinutes >= 1 && span.Seconds == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s");
}
