namespace Helix.Processes;

/// <summary>Runs a program to its end, or to a deadline, as a child of the keeper. Its output is read from its log.</summary>
internal sealed class BoundedChild(IProcessHost host, TimeProvider time)
{
    /// <summary>Before the name of every process that is no engine: it is not the fleet's to end.</summary>
    public const string NamePrefix = "tool:";

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    /// <returns>True when it ended by itself; false when it was killed at the deadline.</returns>
    /// <exception cref="SpawnFailedException">It could not be started; the message says why.</exception>
    public async Task<bool> RunAsync(LaunchSpec spec, TimeSpan deadline, CancellationToken cancellationToken) =>
        await EndOfAsync(spec, deadline, static () => { }, cancellationToken) is not null;

    /// <param name="look">Called again and again while it runs, and once after its end: its log may have grown.</param>
    /// <returns>How it ended; null when it was killed at the deadline.</returns>
    /// <exception cref="SpawnFailedException">It could not be started; the message says why.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it is dead.</exception>
    public async Task<ProcessExit?> EndOfAsync(LaunchSpec spec, TimeSpan deadline, Action look, CancellationToken cancellationToken)
    {
        // the output of this run and of no other
        if (File.Exists(spec.LogFile)) File.Delete(spec.LogFile);
        var process = await StartAsync(spec with { Name = NamePrefix + spec.Name }, cancellationToken);
        var begun = time.GetTimestamp();
        try
        {
            while (true)
            {
                var known = await FindAsync(process, cancellationToken);
                look();
                if (known is not { Exit: null })
                {
                    await host.AcknowledgeAsync(process, cancellationToken);
                    return known?.Exit ?? new ProcessExit(process, null, null);
                }

                if (time.GetElapsedTime(begun) >= deadline)
                {
                    await EndAsync(process, CancellationToken.None);
                    return null;
                }

                await Task.Delay(s_look, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process, CancellationToken.None);
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

    /// <summary>Asked first: some programs have children in groups of their own, which only they can end.</summary>
    private async Task EndAsync(ProcessIdentity process, CancellationToken cancellationToken)
    {
        await host.SignalAsync(process, ProcessSignal.Terminate, cancellationToken);
        var (asked, told) = (time.GetTimestamp(), false);
        while (await FindAsync(process, cancellationToken) is { Exit: null })
        {
            if (!told && time.GetElapsedTime(asked) >= s_grace)
            {
                await host.SignalAsync(process, ProcessSignal.Kill, cancellationToken);
                told = true;
            }

            await Task.Delay(s_look, time, cancellationToken);
        }

        await host.AcknowledgeAsync(process, cancellationToken);
    }

    private async Task<KnownProcess?> FindAsync(ProcessIdentity process, CancellationToken cancellationToken) =>
        (await host.ListAsync(cancellationToken)).FirstOrDefault(known => known.Identity == process);
}
