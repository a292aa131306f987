using Helix.Processes;

namespace Helix.Fleet;

/// <summary>Brings what the keeper sees to the fleet: every end as it happens, and now and then everything that runs.</summary>
/// <remarks>Ends are told once and may be missed while the keeper is away; the comparison with what runs makes good for it.</remarks>
internal sealed partial class ExitPump(IProcessHost host, Fleet fleet, TimeProvider time, ILogger<ExitPump> logger)
{
    private static readonly TimeSpan s_often = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(500);

    /// <summary>The dead that the fleet has been told of once.</summary>
    private HashSet<ProcessIdentity> _told = [];

    /// <summary>Tells the fleet what runs; to be done once before the fleet's loop begins, so that nothing is started twice.</summary>
    public async Task TellRunningAsync(CancellationToken cancellationToken)
    {
        var known = (await host.ListAsync(cancellationToken)).Where(p => !p.Identity.Name.StartsWith(BoundedChild.NamePrefix, StringComparison.Ordinal)).ToList();
        fleet.TellRunning(known);
        // an end that the last comparison told of is known to whom it concerns; nobody has to keep it any longer
        var dead = known.Where(p => p.Exit is not null).Select(p => p.Identity).ToHashSet();
        foreach (var process in dead.Where(_told.Contains)) await host.AcknowledgeAsync(process, cancellationToken);
        _told = dead;
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(WatchAsync(cancellationToken), CompareAsync(cancellationToken));

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var exit in host.WatchAsync(cancellationToken)) fleet.TellExit(exit);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // the keeper went away: whoever brings it back is told by its own watch, here it is only asked again
                LogWatchEnded(e.Message);
            }

            await Task.Delay(s_again, time, cancellationToken);
        }
    }

    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await TellRunningAsync(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogListFailed(e.Message);
                await Task.Delay(s_again, time, cancellationToken);
                continue;
            }

            await Task.Delay(s_often, time, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the keeper's watch ended: {Why}")]
    private partial void LogWatchEnded(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the keeper could not be asked what runs: {Why}")]
    private partial void LogListFailed(string why);
}
