using Helix.Core.Planning;
using Helix.Core.Tuning;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Fleet;

/// <summary>Runs the fleet's loops. One that ends, ends the daemon: its successor starts with a clear head.</summary>
internal sealed class FleetHost(Fleet fleet, ExitPump pump, FleetFeed feed, BuiltinRecipe recipe, WishTable wishes, TuningTable tunings, TimeProvider time) : BackgroundLoop
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The gateway opens when this completes: a client must not be told that a model is gone while its file has not been looked at.
    /// A library that takes too long, or cannot be read at all, is not waited for.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await Task.WhenAny(fleet.SettledAsync(), ExecuteTask!, Task.Delay(s_patience, time, cancellationToken));
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        recipe.Prepare();
        if (recipe.Sandbox is { } sandbox) await sandbox.TryAsync(stoppingToken);
        await feed.LookedAsync(time, stoppingToken);
        fleet.Update(feed.Now());
        if (await wishes.AllAsync() is Stored<Dictionary<string, Wish>>.Ok(var said))
            foreach (var (provider, wish) in said) fleet.Obey(provider, wish);
        if (await tunings.TunedAsync() is Stored<Dictionary<Seat, EngineTuning>>.Ok(var tuned))
            foreach (var (seat, tuning) in tuned) fleet.Tune(seat, tuning);
        await pump.TellRunningAsync(stoppingToken);

        Task[] loops = [fleet.RunAsync(stoppingToken), pump.RunAsync(stoppingToken), feed.RunAsync(fleet, stoppingToken)];
        await await Task.WhenAny(loops);
    }
}
