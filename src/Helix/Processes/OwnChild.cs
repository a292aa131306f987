namespace Helix.Processes;

/// <summary>Runs a program to its end, or to a deadline, as a child of this very process: for verbs that work without a keeper.</summary>
internal static class OwnChild
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10);

    /// <returns>How it ended; null when it was killed at the deadline. Its output is in its log.</returns>
    /// <exception cref="SpawnFailedException">It could not be started; the message says why.</exception>
    public static async Task<ProcessExit?> RunAsync(LaunchSpec spec, TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken)
    {
        var process = KeptProcess.Start(spec, []);
        var (begun, killed) = (time.GetTimestamp(), false);
        while (!process.TryCollect())
        {
            if (!killed && (cancellationToken.IsCancellationRequested || time.GetElapsedTime(begun) >= deadline))
            {
                killed = true;
                process.Signal((int)ProcessSignal.Kill);
            }

            // also after the end was asked for: a child is left to nobody
            await Task.Delay(s_look, time, CancellationToken.None);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return killed ? null : process.Exit;
    }
}
