using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Install;
using Helix.Install;
using Helix.Storage;

namespace Helix.Daemon;

/// <summary><c>POST /helix/v1/providers/{id}/start|stop</c>: notes the wish, waits for what comes of it, and ends with the truth.</summary>
internal sealed class ProviderEndpoints(
    Fleet.Fleet fleet, ProviderRoster roster, Installations installations, Func<string, bool> isEnabled, Func<string, Wish, Task<Stored<bool>>> remember, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/helix/v1/providers/{id}/start", context => ObeyAsync(context, Wish.Start));
        routes.MapPost("/helix/v1/providers/{id}/stop", context => ObeyAsync(context, Wish.Stop));
    }

    private async Task ObeyAsync(HttpContext context, Wish wish)
    {
        var id = context.Request.RouteValues["id"] as string ?? "";
        if (wish == Wish.Start && roster.IsRun(id) && !isEnabled(id))
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", $"{id} is not in providers.enabled", "add it there, or let all of them run: helix config unset providers.enabled"));
            return;
        }

        if (wish == Wish.Stop && installations.Current.Providers.GetValueOrDefault(id) is { Need: InstallNeed.Needed } && !roster.IsRun(id))
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", $"{id} does not run: it is being installed", $"end that with: helix local-llm remove {id}"));
            return;
        }

        if (!roster.IsRun(id) && !(wish == Wish.Start && await InstalledAsync(id, context.RequestAborted)))
        {
            await roster.RefuseAsync(context, id);
            return;
        }

        if (await remember(id, wish) is Stored<bool>.Failed failed)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status507InsufficientStorage, new(failed.Code, $"The wish could not be remembered: {failed.Reason}. Nothing was changed.", failed.Remedy));
            return;
        }

        fleet.Obey(id, wish);
        var status = await OutcomeAsync(id, wish, context.RequestAborted);
        await (status switch
        {
            { State: ProviderState.Ready } when wish == Wish.Start => SendAsync(context, $"{id} is ready: {status.Reason}"),
            { State: ProviderState.Standby } => SendAsync(context, wish == Wish.Stop ? $"{id} is stopped" : $"{id} is on standby: {status.Reason}"),
            _ => ApiAnswer.RefuseAsync(
                context, StatusCodes.Status504GatewayTimeout, new("not_done", $"{id} is {status.State.ToString().ToLowerInvariant()}: {status.Reason}", $"helix local-llm logs {id}")),
        });
    }

    /// <summary>Whoever wants it to run wants it to be installed.</summary>
    private async Task<bool> InstalledAsync(string id, CancellationToken cancellationToken)
    {
        if (installations.Current.Providers.GetValueOrDefault(id) is not { Need: InstallNeed.Needed or InstallNeed.Off }) return false;
        installations.Ask(id, null);
        await installations.SettledAsync();
        for (var version = installations.Version; !roster.IsRun(id); version = installations.Version)
        {
            if (installations.Current.Providers.GetValueOrDefault(id) is not { Need: InstallNeed.Needed or InstallNeed.Satisfied, Failure: null }) return false;
            // the fleet hears of it a moment after it is installed
            await Task.WhenAny(installations.ChangedAsync(version, cancellationToken), fleet.ChangedAsync(fleet.Current.Version, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        return true;
    }

    private async Task<ProviderStatus> OutcomeAsync(string id, Wish wish, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await fleet.SettledAsync();
        while (true)
        {
            var snapshot = fleet.Current;
            var status = snapshot.Providers.First(p => p.Id == id);
            var done = wish == Wish.Stop ? status is { State: ProviderState.Standby } && snapshot.Instances.All(i => i.Provider != id || i.Pid is null)
                : status.State is ProviderState.Ready or ProviderState.Critical;
            // nothing starts where there is nothing that it could load
            if (done || snapshot.Models.All(model => model.Seats.All(seat => seat.Provider != id))) return status;
            try
            {
                await fleet.ChangedAsync(snapshot.Version, both.Token);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested)
            {
                return status;
            }
        }
    }

    private static Task SendAsync(HttpContext context, string message) => ApiAnswer.OkAsync(context, new Done(message), ApiJson.Default.Done);
}
