using Helix.Live;
using Helix.Processes;

namespace Helix.Alerts;

/// <summary>Rings for open dashboards where something about alerts changed.</summary>
internal sealed class AlertBell(AlertFeed feed, LiveBell bell) : BackgroundLoop
{
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        for (var seen = feed.Version; !feed.IsOver; seen = feed.Version)
        {
            await feed.ChangedAsync(seen, stoppingToken);
            bell.Ring(AlertSection.Called);
        }
    }
}
