using System.Security.Cryptography;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Core.History;
using Helix.Core.SelfUpdate;
using Helix.Core.Updates;
using Helix.Processes;

namespace Helix.SelfUpdate;

/// <summary>How a newer helix comes to this machine.</summary>
/// <param name="CloneFolder">The folder that helix was built in; null where nobody says so.</param>
/// <param name="BackUp">Done before each switch.</param>
/// <param name="Took">What this daemon took to start.</param>
internal sealed record SelfUpdateSources(
    HelixReleases Releases, ReleaseIntake Intake, ReleaseRehearsal Rehearsal, CloneLook Look, SourceBuild Build, string? CloneFolder, Func<string, CancellationToken, Task> BackUp, Func<TimeSpan> Took);

/// <summary>
/// Brings helix itself to newer versions: from what the user names, and by itself from the repository that its clone came from. Each is laid beside, tried,
/// and put in this daemon's place by <see cref="ReleaseSwitch"/>. Every step is in the history.
/// </summary>
internal sealed partial class SelfUpdater(SelfUpdateSources sources, ReleaseSwitch change, IConfigView config, TimeProvider time, Random random, ILogger<SelfUpdater> log) : BackgroundLoop
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _now = new(0, 1);

    /// <summary>One update at a time.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>A daemon that leaves begins nothing, and ends what it began.</summary>
    private readonly CancellationTokenSource _over = new();

    /// <summary>The commit that was tried last by itself.</summary>
    private string? _tried;

    private UpdatePolicy Policy => new(
        config.Current.AutoManager.AutoUpdate && config.Current.Updates.OfHelix, TimeSpan.FromDays(config.Current.Updates.QuarantineDays),
        config.Current.Updates.Window is { } window ? MaintenanceWindow.Parse(window) : null);

    /// <summary>Looks for a newer version at once.</summary>
    public void RunNow()
    {
        if (_now.CurrentCount == 0) _now.Release();
    }

    /// <summary>What a user asks for: no quarantine, no window, and what was refused before is tried again.</summary>
    /// <param name="from">A folder, an archive or its address; null for the newest commit of the clone's branch.</param>
    /// <param name="check">Nothing is changed.</param>
    /// <exception cref="SelfUpdateException">It cannot be done.</exception>
    public async Task<SelfUpdateReport> UpdateAsync(string? from, bool check, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
        if (!await _turn.WaitAsync(0, CancellationToken.None)) throw new SelfUpdateException("an update of helix is under way already", "Look: helix history --kind update", "conflict");
        try
        {
            if (from is not null) return await InstallAsync(from, from, null, byHand: true, either.Token);
            var (facts, decision) = await DecideAsync(check ? Policy : Policy with { AutoUpdate = true, Quarantine = TimeSpan.Zero, Window = null }, byHand: !check, either.Token);
            return decision switch
            {
                UpdateDecision.Stay(var why) => Report("stays", why),
                UpdateDecision.Wait(_, var why, _) => Report("waits", why),
                UpdateDecision.Go(var commit) when check => Report("due", $"{SelfUpdateDecision.Short(commit)} is built and taken within the hour"),
                UpdateDecision.Go(var commit) => await InstallAsync(await sources.Build.BuildAsync(commit, either.Token), OriginOf(facts), commit, byHand: true, either.Token),
                _ => throw new InvalidOperationException("one stays, waits or goes"),
            };
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            throw new SelfUpdateException("this daemon leaves, and begins nothing any more", "Ask the next one.", "conflict");
        }
        catch (SelfUpdateException refused) when (!check)
        {
            change.Tell(from ?? "update", Severity.Warning, "refused", $"helix stays as it is: {refused.Message}");
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await using var end = stoppingToken.Register(_over.Cancel);
        await GuardAsync(() => Task.Run(sources.Releases.SweepUnfinished, stoppingToken), stoppingToken);
        await GuardAsync(() => change.MeetAsync(TimeSpan.FromMinutes(config.Current.Updates.WatchMinutes), stoppingToken), stoppingToken);
        // many machines that were switched on together do not ask together
        var wait = s_first * (1 + random.NextDouble());
        while (true)
        {
            await DueAsync(wait, stoppingToken);
            await GuardAsync(() => CheckAsync(stoppingToken), stoppingToken);
            wait = s_interval * (1 + 0.2 * random.NextDouble());
        }
    }

    private async Task DueAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var due = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancellationToken);
        try
        {
            await _now.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // it is time
        }
    }

    /// <summary>A step that fails is told of; the loop goes on, and the daemon with it.</summary>
    private async Task GuardAsync(Func<Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step();
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(error);
            change.Tell("update", Severity.Error, "failed", $"helix stays as it is: {error.Message}", isAlert: true);
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (sources.CloneFolder is null || !Policy.AutoUpdate) return;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var (facts, decision) = await DecideAsync(Policy, byHand: false, cancellationToken);
            if (decision is not UpdateDecision.Go(var commit)) return;
            // what the machine lacks may be missing for long: it is tried each hour, and told of once
            var isAgain = commit == _tried;
            _tried = commit;
            if (!isAgain) change.Tell(SelfUpdateDecision.Short(commit), Severity.Info, "begun", $"helix {SelfUpdateDecision.Short(commit)} of {OriginOf(facts)} is built beside the one that runs");
            try
            {
                var report = await InstallAsync(await sources.Build.BuildAsync(commit, cancellationToken), OriginOf(facts), commit, byHand: false, cancellationToken);
                if (report.Outcome == "waits") change.Tell(SelfUpdateDecision.Short(commit), Severity.Info, "waits", report.Words);
            }
            catch (SelfUpdateException refused)
            {
                // what the network or the machine lacked is tried again; what was tried and is no good is not
                var isBad = refused.Code is "build_failed" or "refused";
                if (isBad && sources.Releases.Memory is var memory) sources.Releases.Remember(memory with { Refused = [.. memory.Refused.Where(each => each != commit), commit] });
                if (isBad || !isAgain) change.Tell(SelfUpdateDecision.Short(commit), Severity.Error, isBad ? "refused" : "not_built", $"helix stays as it is: {refused.Message}", isAlert: true);
            }
        }
        catch (SelfUpdateException away)
        {
            // the repository is asked again; a machine may be without a network for weeks
            LogAway(away.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <exception cref="SelfUpdateException">There is no clone, or its repository cannot be reached.</exception>
    private async Task<(CloneFacts Facts, UpdateDecision Decision)> DecideAsync(UpdatePolicy policy, bool byHand, CancellationToken cancellationToken)
    {
        if (sources.CloneFolder is not { } clone || !Directory.Exists(clone))
            throw new SelfUpdateException("helix was not started by the launcher of a clone, so there is nothing to look for by itself", "Name a build or a signed archive: helix update --from PATH", "not_found");
        var facts = await sources.Look.LookAsync(clone, cancellationToken);
        if (SelfUpdateDecision.Refusal(facts) is { } leftAlone) return (facts, new UpdateDecision.Stay(leftAlone));
        var running = change.Own is { } own ? sources.Releases.Find(own)?.Commit : null;
        var remote = await sources.Look.FetchAsync(clone, facts, running, cancellationToken);
        var memory = sources.Releases.Memory;
        var seen = SelfUpdateDecision.Note(memory.Seen, remote, time.GetUtcNow());
        if (seen != memory.Seen) sources.Releases.Remember(memory with { Seen = seen });
        return (facts, SelfUpdateDecision.Of(facts, remote, running ?? facts.Head, seen, byHand ? [] : memory.Refused, policy, time.GetUtcNow()));
    }

    private async Task<SelfUpdateReport> InstallAsync(string from, string origin, string? commit, bool byHand, CancellationToken cancellationToken)
    {
        var staging = sources.Releases.Begin();
        try
        {
            var folder = await sources.Intake.TakeAsync(from, staging, cancellationToken);
            var (label, tells) = await sources.Rehearsal.RunAsync(folder, cancellationToken);
            if (!byHand && SelfUpdateDecision.Late(Policy, time.GetUtcNow()) is { } late) return Report("waits", $"{label} was built and tried: {late}");
            for (var number = 1; ; number++)
            {
                var version = number == 1 ? label : ReleaseLabel.Next(label, number);
                if (sources.Releases.Find(version) is not { } there)
                {
                    await BackUpAsync(version);
                    var release = sources.Releases.Finish(new(version, folder, time.GetUtcNow(), origin, commit, tells), folder);
                    await change.ToAsync(release, sources.Took());
                    return Report("switching", $"{version} was tried and takes over", version);
                }

                if (!IsSame(there.Program, Path.Combine(folder, HelixReleases.ProgramName))) continue;
                if (change.Own == version) return Report("stays", $"{version} is in use already");
                await BackUpAsync(version);
                await change.ToAsync(HelixReleases.Renew(there, commit), sources.Took());
                return Report("switching", $"{version} was here already and takes over", version);
            }
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            throw new SelfUpdateException($"the release could not be laid into the home: {disk.Message}", "Check that there is room, and who may write there.", "no_space");
        }
        finally
        {
            if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        }

        Task BackUpAsync(string version) => sources.BackUp($"before an update of helix to {version}", cancellationToken);
    }

    private SelfUpdateReport Report(string outcome, string words, string? to = null) => new(Environment.ProcessId, Daemon.DaemonVerb.Version, change.Own, outcome, words, to);

    private static string OriginOf(CloneFacts facts) => $"{facts.Branch} of {facts.Remote}";

    private static bool IsSame(string one, string other) => new FileInfo(one).Length == new FileInfo(other).Length && DigestOf(one).SequenceEqual(DigestOf(other));

    private static byte[] DigestOf(string path)
    {
        using var file = File.OpenRead(path);
        return SHA256.HashData(file);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "no newer helix was looked for: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "helix could not be updated")]
    private partial void LogFailed(Exception error);
}
