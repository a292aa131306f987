using Helix.Automation;
using Helix.Configuration;
using Helix.Core.Automation;
using Helix.Core.Hardware;
using Helix.Core.History;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Core.Updates;
using Helix.Fleet;
using Helix.Install;
using Helix.Manifests;
using Helix.Processes;

namespace Helix.Updates;

/// <summary>Where versions come from, and where they are.</summary>
/// <param name="BackUp">Done before anything is changed.</param>
internal sealed record VersionSources(ManifestShelf Shelf, ReleaseStore Store, NewestLook Newest, Func<MachineFacts> Machine, Func<string, CancellationToken, Task> BackUp);

/// <summary>
/// Brings providers to newer versions by itself: finds them, waits until others had them for a while, installs beside, lets both answer the same,
/// switches, watches, and goes back. Every step is in the history.
/// </summary>
internal sealed partial class Updater(VersionSources sources, Installations installations, ReleaseRace race, ReleaseWatch watch, MeasuringTurn measuring, IConfigView config, Action<HistoryEvent> tell, TimeProvider time, Func<double> draw, ILogger<Updater> log) : Recurrent(time, draw)
{
    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_spread = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time = time;
    private readonly Func<double> _draw = draw;
    private DateTimeOffset _sooner;

    protected override TimeSpan Interval => Cadence.Updates;

    protected override bool IsWanted => config.Current.AutoManager.AutoUpdate;

    /// <summary>What would be done about a provider now.</summary>
    public UpdateDecision Decide(Manifest manifest, NewestFound? found)
    {
        var words = sources.Store.Words(manifest.Id);
        var known = Feasibility.Of(manifest, sources.Machine()) is Feasibility.Possible possible ? InstallChoice.Of(manifest, sources.Machine(), possible.Kind).Select(choice => choice.Way.Version).FirstOrDefault() : null;
        var current = sources.Store.Current(manifest.Id);
        var facts = new VersionFacts(VersionOf(current), known, found?.Version, found?.FirstSeen, words.Pinned, [.. words.Refused ?? []])
        {
            InstalledAt = current?.Installed,
            Earlier = [.. found?.Earlier ?? []],
            Beyond = words.Beyond,
            Failed = words.Failed,
        };
        var updates = config.Current.Updates;
        return UpdateDecision.Of(facts, new(config.Current.AutoManager.AutoUpdate, TimeSpan.FromDays(updates.QuarantineDays), updates.Window is { } window ? MaintenanceWindow.Parse(window) : null), _time.GetUtcNow());
    }

    /// <summary>Not at once: a start has other things to do, and many machines that were switched on together do not ask together.</summary>
    protected override Task<DateTimeOffset?> LastAsync() => Task.FromResult<DateTimeOffset?>(_time.GetUtcNow() - Interval + s_first * (1 + _draw()));

    protected override async Task<bool> DoAsync(CancellationToken cancellationToken)
    {
        var installed = sources.Shelf.Current.Manifests.Where(manifest => manifest.Id != Fleet.Fleet.Builtin && sources.Store.Current(manifest.Id) is not null).ToArray();
        var found = await sources.Newest.AskAsync([.. installed.Where(manifest => manifest.Newer is not null).Select(manifest => (manifest.Id, manifest.Newer!))], cancellationToken);
        var decided = installed.Select(manifest => (Manifest: manifest, Decision: Decide(manifest, found.GetValueOrDefault(manifest.Id)))).ToArray();
        var due = decided.Where(each => each.Decision is UpdateDecision.Go).Select(each => (each.Manifest, ((UpdateDecision.Go)each.Decision).Version)).ToArray();
        ComeSooner(decided.Select(each => each.Decision), cancellationToken);
        Result = due.Length > 0 ? null : $"{installed.Length} installed {(installed.Length == 1 ? "provider" : "providers")} looked at, nothing newer to install";
        if (due.Length == 0) return true;
        await sources.BackUp($"before an update of {string.Join(", ", due.Select(each => each.Manifest.Id))}", cancellationToken);
        // none waits for one whose new release does not answer
        await Task.WhenAll(due.Select(each => GuardAsync(each.Manifest.Id, each.Version, () => UpdateAsync(each.Manifest, each.Version, cancellationToken))));
        return true;
    }

    /// <summary>A maintenance window may be shorter than the time between two looks.</summary>
    private void ComeSooner(IEnumerable<UpdateDecision> decided, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (config.Current.Updates.Window is null || UpdateDecision.Sooner(decided, now, now + Interval) is not { } moment || moment == _sooner) return;
        _sooner = moment;
        _ = ComeAsync();

        async Task ComeAsync()
        {
            // whoever has the same window does not ask at the same moment
            await Task.Delay(moment - now + s_spread * _draw(), _time, cancellationToken);
            RunNow();
        }
    }

    private async Task GuardAsync(string id, string version, Func<Task> update)
    {
        try
        {
            await update();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SpawnFailedException)
        {
            LogFailed(id, version, error);
            Tell(id, version, Severity.Error, "failed", $"{id} could not be updated to {version}: {error.Message}");
        }
    }

    private async Task UpdateAsync(Manifest manifest, string version, CancellationToken cancellationToken)
    {
        var (id, before) = (manifest.Id, VersionOf(sources.Store.Current(manifest.Id)));
        Tell(id, version, Severity.Info, "begun", $"{id} {version} is installed beside {before}");
        if (await installations.StageAsync(id, version).WaitAsync(cancellationToken) is { } failed)
        {
            // what the network, the disk or this machine refused is tried again; what was tried twice and is no good is not
            var isNoGood = failed is { WasTried: true, Waits: false };
            if (isNoGood) await installations.RefuseAsync(id, version);
            Tell(id, version, isNoGood ? Severity.Error : Severity.Warning, isNoGood ? "refused" : "not_installed", $"{id} stays at {before}: {version} could not be installed. {failed.Step}: {failed.Reason}");
            return;
        }

        if (sources.Store.All(id).FirstOrDefault(release => VersionOf(release) == version) is not { } release) return;
        // no link leads to it before it is used
        using var kept = sources.Store.Keep(release.Folder);
        var slowdown = config.Current.Updates.Slowdown / 100.0;
        var result = await AloneAsync(() => race.RunAsync(new(manifest, release), slowdown, cancellationToken), cancellationToken);
        if (result.Fault is { } fault)
        {
            await installations.RefuseAsync(id, version);
            Tell(id, version, Severity.Error, "refused", $"{id} stays at {before}: {version} was asked beside it, and {fault}");
            return;
        }

        var seen = watch.Before(id);
        await installations.UseAsync(id, version);
        var patience = TimeSpan.FromMinutes(config.Current.Updates.WatchMinutes);
        Tell(id, version, Severity.Info, "switched", $"{id} went from {before} to {version}: {result.Words}{(patience > TimeSpan.Zero ? $". It is watched for {config.Current.Updates.WatchMinutes} minutes" : "")}");
        // whoever looks for the next update does not wait for the end of this one's watch
        if (patience > TimeSpan.Zero || result.Model is not null) _ = GuardAsync(id, version, () => WatchAsync(id, version, seen, result, slowdown, patience, cancellationToken));
    }

    private async Task WatchAsync(string id, string version, BeforeSwitch before, RaceResult raced, double slowdown, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (await watch.RunAsync(id, version, before, raced, slowdown, patience, IsInUse, measure => AloneAsync(measure, cancellationToken), cancellationToken) is not { } end)
        {
            // whoever heals was quicker
            if (sources.Store.Words(id).Refused?.Contains(version) == true && sources.Store.Current(id) is { } other) Tell(id, version, Severity.Error, "rolled_back", $"{id} went back from {version} to {VersionOf(other)}: its engine failed, see: helix history --kind healing");
            return;
        }

        if (end.Fault is not { } fault) Tell(id, version, Severity.Info, "kept", $"{id} keeps {version}: {end.Words}");
        else if (VersionOf(await installations.RefuseAsync(id, version)) is { } now) Tell(id, version, Severity.Error, "rolled_back", $"{id} went back from {version} to {now}: {fault}");
        else Tell(id, version, Severity.Error, "no_good", $"{id} has no release to go back to from {version}: {fault}");

        bool IsInUse() => VersionOf(sources.Store.Current(id)) == version;
    }

    /// <summary>Two that are measured at the same time would measure each other.</summary>
    private async Task<T> AloneAsync<T>(Func<Task<T>> measure, CancellationToken cancellationToken)
    {
        await measuring.TakeAsync(cancellationToken);
        try
        {
            return await measure();
        }
        finally
        {
            measuring.Release();
        }
    }

    private static string? VersionOf(InstalledRelease? release) => release?.Version.Split('+')[0];

    private void Tell(string id, string version, Severity severity, string what, string words)
    {
        LogStep(id, version, words);
        tell(new(_time.GetUtcNow(), HistoryKind.Update, severity, id, $"{id} {version}", what, words));
        if (severity >= Severity.Error) tell(new(_time.GetUtcNow(), HistoryKind.Alert, severity, id, $"{id} {version}", $"update_{what}", words));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Update of {Provider} to {Version}: {Words}")]
    private partial void LogStep(string provider, string version, string words);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Provider} could not be updated to {Version}")]
    private partial void LogFailed(string provider, string version, Exception exception);
}
