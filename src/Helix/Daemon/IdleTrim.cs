using Helix.Gateway;
using Helix.Processes;

namespace Helix.Daemon;

/// <summary>Gives back the memory that the last requests left, once nothing has been asked for a while. A busy daemon is left alone.</summary>
internal sealed class IdleTrim(GatewayCounters counters, TimeProvider time) : BackgroundLoop
{
    private const long QuietBytes = 256 << 10;
    private const long WorthwhileBytes = 1 << 20;
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(3);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pace, time);
        long before = 0, trimmed = 0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var allocated = GC.GetTotalAllocatedBytes();
            if (counters.InFlight == 0 && allocated - before < QuietBytes && allocated - trimmed > WorthwhileBytes)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
                trimmed = allocated;
            }

            before = allocated;
        }
    }
}
