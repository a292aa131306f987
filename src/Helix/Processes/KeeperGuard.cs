namespace Helix.Processes;

/// <summary>Keeps <see cref="KeeperRevival"/> running as long as the daemon does.</summary>
internal sealed class KeeperGuard(KeeperRevival revival) : BackgroundLoop
{
    protected override Task RunAsync(CancellationToken stoppingToken) => revival.RunAsync(stoppingToken);
}
