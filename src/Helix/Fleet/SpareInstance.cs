using Helix.Core.Fleet;
using Helix.Core.Processes;
using Helix.Processes;

namespace Helix.Fleet;

/// <summary>Runs an engine beside those of the fleet for a while: it is tried, or measured, and ended.</summary>
internal sealed class SpareInstance(IProcessHost host, ITokenWatch tokens, TimeProvider time)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    /// <param name="then">Done once it has produced a token.</param>
    /// <returns>Null if it became ready; else why not.</returns>
    public async Task<string?> RunAsync(InstanceSpec spec, Func<InstanceSpec, CancellationToken, Task> then, CancellationToken cancellationToken)
    {
        if (File.Exists(spec.Launch.LogFile)) File.Delete(spec.Launch.LogFile);
        var process = default(ProcessIdentity);
        using var prober = new EngineProber(spec, tokens, time);
        try
        {
            LaunchFiles.Write(spec);
            process = await StartAsync(spec.Launch, cancellationToken);
            var begun = time.GetTimestamp();
            var progress = StartProgress.Begun(time.GetUtcNow());
            while (true)
            {
                var verdict = await prober.LookAsync(process.Pid, time.GetUtcNow(), cancellationToken);
                if (verdict is Verdict.Healthy)
                {
                    await then(spec, cancellationToken);
                    return null;
                }

                progress = progress.After(verdict, time.GetUtcNow());
                if (await ExitAsync(process, cancellationToken) is { } exit && WaitStatus.Within(exit.Code, exit.Signal, spec.IsSandboxed) is var end) return ExitWords.Describe(end.Code, end.Signal, LogTail.LastLine(spec.Launch.LogFile), isOurs: false);
                var why = verdict is Verdict.Unwell unwell ? unwell.Why : "it was loading";
                if (progress.Overdue(spec.Steps, time.GetUtcNow()) is { } overdue) return $"{overdue} ({why})";
                if (time.GetElapsedTime(begun) > spec.StartPatience) return $"it was not ready after {spec.StartPatience.TotalSeconds:0} s ({why})";
                await Task.Delay(s_look, time, cancellationToken);
            }
        }
        catch (SpawnFailedException refused)
        {
            return refused.Message;
        }
        finally
        {
            if (process is not null) await EndAsync(process, spec.StopPatience);
        }
    }

    public async Task EndAsync(ProcessIdentity process, TimeSpan patience)
    {
        await host.SignalAsync(process, ProcessSignal.Terminate, CancellationToken.None);
        for (var begun = time.GetTimestamp(); await ExitAsync(process, CancellationToken.None) is null; await Task.Delay(s_look, time, CancellationToken.None))
            if (time.GetElapsedTime(begun) > patience) await host.SignalAsync(process, ProcessSignal.Kill, CancellationToken.None);
        await host.AcknowledgeAsync(process, CancellationToken.None);
    }

    /// <summary>One that an earlier daemon left behind is ended first.</summary>
    private async Task<ProcessIdentity> StartAsync(LaunchSpec launch, CancellationToken cancellationToken)
    {
        try
        {
            return await host.SpawnAsync(launch, cancellationToken);
        }
        catch (SpawnFailedException refused) when (refused.Holder is { } holder)
        {
            await EndAsync(holder, TimeSpan.Zero);
            return await host.SpawnAsync(launch, cancellationToken);
        }
    }

    /// <summary>Null while it lives.</summary>
    private async Task<ProcessExit?> ExitAsync(ProcessIdentity process, CancellationToken cancellationToken)
    {
        var known = (await host.ListAsync(cancellationToken)).FirstOrDefault(each => each.Identity == process);
        return known is null ? new ProcessExit(process, null, null) : known.Exit;
    }
}
