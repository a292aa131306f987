using System.Globalization;
using Helix.Contracts;
using Helix.Core.Live;
using Helix.Gateway;

namespace Helix.Live;

/// <summary>The last requests that were sent to engines, and why to these.</summary>
internal sealed class RouteSection(RouteLog routes) : ILiveSection
{
    private const int Shown = 30;

    public string Name => "routes";

    public int Every => 1;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        foreach (var decision in routes.Newest(Shown)) reading.Add(decision.Id.ToString(CultureInfo.InvariantCulture), decision.Report(), RouteJson.Default.RouteDecisionReport);
        return ValueTask.CompletedTask;
    }
}
