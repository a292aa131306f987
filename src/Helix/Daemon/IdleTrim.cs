using Helix.Gateway;
using Helix.Processes;

namespace Helix.Daemon;

/// <summary>
/// Gives back the memory that the last requests left, once nothing has been asked for a while: a busy daemon is left alone. And, once, what its start alone needed of the program.
/// </summary>
internal sealed class IdleTrim(GatewayCounters counters, TimeProvider time) : BackgroundLoop
{
    private const long QuietBytes = 256 << 10;
    private const long WorthwhileBytes = 1 << 20;
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(3);

    /// <summary>By then a start is over, or goes on to wait for engines.</summary>
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(9);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pace, time);
        var (began, isTrimmed) = (time.GetTimestamp(), !OperatingSystem.IsLinux());
        long before = 0, trimmed = 0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!isTrimmed && OperatingSystem.IsLinux() && time.GetElapsedTime(began) >= s_start)
            {
                ProgramPages.LetGo();
                isTrimmed = true;
            }

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
