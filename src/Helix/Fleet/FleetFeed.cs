using Helix.Configuration;
using Helix.Core.Planning;

namespace Helix.Fleet;

/// <summary>Tells the fleet what it is made from, whenever any of it changes.</summary>
/// <param name="selfTest">The model that helix writes itself; always the last in the list.</param>
/// <param name="memoryBytes">What engines may use together.</param>
internal sealed class FleetFeed(IConfigView config, PlannedModel selfTest, long memoryBytes)
{
    public FleetInputs Now() => new(config.Current, [selfTest], null, memoryBytes);

    public async Task RunAsync(Fleet fleet, CancellationToken cancellationToken)
    {
        while (true)
        {
            var seen = config.Version;
            fleet.Update(Now());
            await config.ChangedAsync(seen, cancellationToken);
        }
    }
}
