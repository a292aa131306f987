using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Fleet;

namespace Helix.Relay;

/// <summary>Wakes a provider as a request does, and waits for it as long as one does.</summary>
internal sealed class EngineWait(IFleetView fleet, Func<HelixConfig> config, TimeProvider time)
{
    /// <returns>Where it is, or why it does not come.</returns>
    public async Task<(Backend? Backend, ApiError? Refusal)> ReadyAsync(string provider, string model, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(config().Gateway.ModelDeadline), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        while (true)
        {
            var snapshot = fleet.Current;
            switch (snapshot.Models.FirstOrDefault(each => each.Id == model)?.Seats.FirstOrDefault(seat => seat.Provider == provider))
            {
                case null: return (null, new("conflict", $"{provider} no longer has the model {model}"));
                case { Backend: { } backend }: return (backend, null);
                case { Availability: ModelAvailability.Failed failed }: return (null, new("not_done", $"{provider} cannot be used: {failed.Reason}", failed.Remedy));
            }

            fleet.Want(model, provider);
            try
            {
                await fleet.ChangedAsync(snapshot.Version, both.Token);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return (null, new("timeout", $"{provider} was not ready in time", $"see: helix local-llm logs {provider}; then try again"));
            }
        }
    }
}
