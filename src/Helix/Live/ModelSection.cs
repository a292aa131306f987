using Helix.Contracts;
using Helix.Core.Gateway;
using Helix.Core.Live;
using Helix.Fleet;
using Helix.Gateway;

namespace Helix.Live;

/// <summary>Every model that can be asked for, and how many requests it has at this moment.</summary>
internal sealed class ModelSection(IFleetView fleet, Admission admission) : ILiveSection
{
    public string Name => "models";

    public int Every => 1;

    public bool FollowsFleet => true;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        var order = 0;
        foreach (var model in fleet.Current.Models)
        {
            var (state, detail) = ModelStates.Words(model.Availability);
            var (running, waiting) = admission.Load(model.Id);
            reading.Add(
                model.Id,
                new LiveModel(
                    model.Id, order++, state, detail, [.. ModelStates.Abilities(model.Abilities)], model.ContextTokens, model.IsSelfTest, model.Origin.ToString().ToLowerInvariant(),
                    [.. model.Seats.Select(seat => seat.Provider)], running, waiting),
                LiveJson.Default.LiveModel);
        }

        return ValueTask.CompletedTask;
    }
}
