using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Fleet;
using Helix.Storage;

namespace Helix.Daemon;

/// <summary><c>POST /helix/v1/start-all</c>: wishes a start of everything that is installed, waits until the plan has done what memory permits, and tells of each what came of it.</summary>
/// <param name="settled">Completes once what was obeyed before shows in a snapshot.</param>
internal sealed class StartAllEndpoint(IFleetView fleet, Action<string, Wish> obey, Func<Task> settled, ProviderRoster roster, Func<string, Wish, Task<Stored<bool>>> remember, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/helix/v1/start-all", StartAsync);

    public async Task StartAsync(HttpContext context)
    {
        var ids = fleet.Current.Providers.Select(provider => provider.Id).ToArray();
        foreach (var id in ids)
        {
            if (await remember(id, Wish.Start) is Stored<bool>.Failed failed)
            {
                await ApiAnswer.RefuseAsync(context, StatusCodes.Status507InsufficientStorage, new(failed.Code, $"The wish to start {id} could not be remembered: {failed.Reason}.", failed.Remedy));
                return;
            }

            obey(id, Wish.Start);
        }

        await QuietAsync(context.RequestAborted);
        await ApiAnswer.OkAsync(context, new ProviderList([.. roster.All().Where(provider => ids.Contains(provider.Id))]), ApiJson.Default.ProviderList);
    }

    private async Task QuietAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await settled();
        try
        {
            for (var snapshot = fleet.Current; !FleetView.IsQuiet(snapshot); snapshot = fleet.Current) await fleet.ChangedAsync(snapshot.Version, both.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // what still starts is told as starting
        }
    }
}
