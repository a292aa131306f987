namespace Helix.Processes;

/// <summary>
/// A loop of the daemon that may be stopped before its host is: a departing daemon hands its loops over first. The host takes a cancelled loop
/// for a broken one then, and says so in its log; a loop of this kind just ends.
/// </summary>
internal abstract class BackgroundLoop : BackgroundService
{
    /// <param name="stoppingToken">Whoever lets its cancellation pass has ended well.</param>
    protected abstract Task RunAsync(CancellationToken stoppingToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // it was asked to end
        }
    }
}
