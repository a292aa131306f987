namespace Helix.Processes;

/// <summary>Runs a program to its end, or to a deadline, as a child of the keeper. Its output is read from its log.</summary>
internal sealed class BoundedChild(IProcessHost host, TimeProvider time)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    /// <returns>True when it ended by itself; false when it was killed at the deadline.</returns>
    /// <exception cref="SpawnFailedException">It could not be started; the message says why.</exception>
    public async Task<bool> RunAsync(LaunchSpec spec, TimeSpan deadline, CancellationToken cancellationToken)
    {
        // the output of this run and of no other
        if (File.Exists(spec.LogFile)) File.Delete(spec.LogFile);
        var process = await StartAsync(spec, cancellationToken);
        var begun = time.GetTimestamp();
        try
        {
            while (await IsAliveAsync(process, cancellationToken))
            {
                if (time.GetElapsedTime(begun) >= deadline)
                {
                    await EndAsync(process, CancellationToken.None);
                    return false;
                }

                await Task.Delay(s_look, time, cancellationToken);
            }

            await host.AcknowledgeAsync(process, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            await host.SignalAsync(process, ProcessSignal.Kill, CancellationToken.None);
            throw;
        }
    }

    /// <summary>One that an earlier daemon began and left behind is ended first: nobody knows any more what it was for.</summary>
    private async Task<ProcessIdentity> StartAsync(LaunchSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            return await host.SpawnAsync(spec, cancellationToken);
        }
        catch (SpawnFailedException refused) when (refused.Holder is { } holder)
        {
            await EndAsync(holder, cancellationToken);
            return await host.SpawnAsync(spec, cancellationToken);
        }
    }

    private async Task EndAsync(ProcessIdentity process, CancellationToken cancellationToken)
    {
        await host.SignalAsync(process, ProcessSignal.Kill, cancellationToken);
        while (await IsAliveAsync(process, cancellationToken)) await Task.Delay(s_look, time, cancellationToken);
        await host.AcknowledgeAsync(process, cancellationToken);
    }

    private async Task<bool> IsAliveAsync(ProcessIdentity process, CancellationToken cancellationToken) =>
        (await host.ListAsync(cancellationToken)).Any(known => known.Identity == process && known.Exit is null);
}
