using System.Collections.Immutable;
using Helix.Core.Manifests;
using Helix.Processes;

namespace Helix.Install;

/// <summary>Fills an empty folder with one release, in the way that its manifest names.</summary>
internal sealed class Installer(InstallGround ground)
{
    /// <exception cref="OperationCanceledException">Cancelled; its tools are dead, and what is worth keeping is in the cache.</exception>
    public async Task<InstallOutcome> InstallAsync(InstallJob job, CancellationToken cancellationToken)
    {
        var step = "preparing";
        try
        {
            var seen = job with { Report = progress => { step = progress.Step; job.Report(progress); } };
            Directory.CreateDirectory(job.Staging);
            Directory.CreateDirectory(job.Cache);
            Directory.CreateDirectory(Path.GetDirectoryName(job.LogFile)!);
            if (job.Way.Bytes is { } bytes && FreeSpace.Refusal(job.Staging, bytes) is { } refusal) return Ended(job, new InstallRun(ground, job, new Dictionary<Tool, FoundTool>()).Failed(step, refusal));

            seen.Report(new InstallProgress("looking for tools"));
            var before = new InstallRun(ground, seen, new Dictionary<Tool, FoundTool>());
            var box = new Toolbox(ground.Child, ground.Environment, job.LogFile + ".look", (id, stop) => ground.Toolchains.FetchAsync(id, before, stop));
            return Ended(job, await box.FindAsync(job.Way, cancellationToken) switch
            {
                ToolsFound.Missing(var reason, var remedy) => new InstallOutcome.Failed(step, reason, remedy, false),
                ToolsFound.Unfetched(var failed) => failed,
                ToolsFound.All(var tools) => await FillAsync(new InstallRun(ground, seen, tools), cancellationToken),
                _ => throw new InvalidOperationException("tools are there or not"),
            });
        }
        catch (IOException full) when (FreeSpace.IsExhausted(full))
        {
            var exhausted = FreeSpace.Exhausted(job.Staging, null);
            return new InstallOutcome.Failed(step, exhausted.Reason, "Free some disk space, or set HELIX_HOME to a larger disk. It is tried again by itself.", true);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return new InstallOutcome.Failed(step, broken.Message, $"Check that {job.Staging} and {job.Cache} belong to you and are writable.", true);
        }
        finally
        {
            Clear(job.Scratch);
        }
    }

    private static void Clear(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // swept at the next start
        }
    }

    private static async Task<InstallOutcome> FillAsync(InstallRun run, CancellationToken cancellationToken)
    {
        var job = run.Job;
        var outcome = job.Way.Kind switch
        {
            InstallKind.Npm => await NpmInstall.FillAsync(run, cancellationToken),
            InstallKind.Archive or InstallKind.Binary or InstallKind.Vendor => await AssetInstall.FillAsync(run, cancellationToken),
            InstallKind.Python => await PythonInstall.FillAsync(run, cancellationToken),
            InstallKind.Git => await new GitCheckout(run).FillAsync(cancellationToken),
            InstallKind.Source => await new SourceInstall(run).FillAsync(cancellationToken),
            _ => new InstallOutcome.Failed("choosing a way", $"{job.Provider} is not installed by helix", "Install and start it yourself.", false),
        };
        if (outcome is not InstallOutcome.Done made) return outcome;
        var (unlaidImage, images) = await ImageFiles.LayAsync(run, cancellationToken);
        if (unlaidImage is not null) return unlaidImage;
        made = made with { Digests = [.. made.Digests, .. images] };
        if (await ReleaseFiles.LayAsync(run, cancellationToken) is { } unlaid) return unlaid;
        foreach (var each in job.Way.Steps)
            if (await StepAsync(run, each, cancellationToken) is { } failed) return failed;

        run.Begin("checking what was fetched");
        if (DigestLedger.Of(run.Ground.Home, job.Provider).Compare(made.Digests) is { } changed) return changed;
        run.Begin("writing it to the disk");
        NativeLibc.FlushDiskOf(job.Staging);
        return made with { Tools = ToolsOf(run) };
    }

    private static ImmutableSortedDictionary<string, string> ToolsOf(InstallRun run)
    {
        var none = ImmutableSortedDictionary<string, string>.Empty;
        return run.Job.Way.Kind == InstallKind.Npm || run.Job.Way.Needs.Contains("node") ? none.Add("node", run.PathOf(Tool.Node)) : none;
    }

    private static async Task<InstallOutcome.Failed?> StepAsync(InstallRun run, InstallStep step, CancellationToken cancellationToken)
    {
        var staging = run.Job.Staging;
        string[] words = [.. step.Run.Select(word => run.Fill(word, staging))];
        var folder = step.In is null ? staging : Path.Combine(staging, step.In);
        var program = Path.IsPathFullyQualified(words[0]) ? words[0] : Toolbox.OnPath(run.Environment(), words[0]);
        var name = $"running {Path.GetFileName(words[0])}";
        if (program is null) return new(name, $"{words[0]} is not on the PATH", $"Install {words[0]}; then try again.", false);
        var environment = step.Environment.Select(variable => (variable.Name, (string?)run.Fill(variable.Value, staging))).ToArray();
        return await run.CallAsync(new ToolCall(name, program, words[1..], folder) { Environment = environment }, cancellationToken);
    }

    /// <summary>The log ends with how it ended.</summary>
    private static InstallOutcome Ended(InstallJob job, InstallOutcome outcome)
    {
        File.AppendAllText(job.LogFile, outcome is InstallOutcome.Failed failed ? $"helix: failed at {failed.Step}: {failed.Reason}. {failed.Remedy}\n" : $"helix: {job.Provider} {job.Version} is made, and is tried next\n");
        return outcome;
    }
}
