using Helix.Configuration;
using Helix.Install;
using Helix.Processes;

namespace Helix.Live;

/// <summary>Rings where something changed that the fleet does not tell of: an installation went on, or the configuration is another.</summary>
internal sealed class LiveChanges(Installations installations, IConfigView config, LiveBell bell) : BackgroundLoop
{
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var (installed, configured) = (installations.Version, config.Version);
        while (true)
        {
            using var seen = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(installations.ChangedAsync(installed, seen.Token), config.ChangedAsync(configured, seen.Token));
            await seen.CancelAsync();
            stoppingToken.ThrowIfCancellationRequested();
            // what changes from here on is rung for the next time
            var isConfigured = config.Version != configured;
            (installed, configured) = (installations.Version, config.Version);
            bell.Ring("providers");
            if (!isConfigured) continue;
            bell.Ring("helix");
            bell.Ring(AutomationSection.Called);
        }
    }
}
