using System.Collections.Immutable;
using System.Threading.Channels;
using Helix.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Manifests;
using Helix.Models;
using Helix.Processes;

namespace Helix.Install;

/// <summary>The world as the installations reach it.</summary>
/// <param name="Machine">Measured at each call.</param>
/// <param name="Ways">The ways that fit this machine, each with its file where it has one; the best first.</param>
/// <param name="Make">Fills a staging folder.</param>
/// <param name="Try">Starts what lies in a staging folder and asks it for a token: what was tried, in words, or why it is not good.</param>
internal sealed record InstallTools(
    Func<MachineFacts> Machine,
    Func<Manifest, MachineFacts, InstallNeed.Needed, IReadOnlyList<(InstallWay Way, Asset? Asset)>> Ways,
    Func<InstallJob, CancellationToken, Task<InstallOutcome>> Make,
    Func<Manifest, InstalledRelease, Action<InstallProgress>, CancellationToken, Task<TrialOutcome>> Try,
    Func<InstallJobPlace> Place)
{
    /// <summary>What releases and downloads take, and what is free on their disk; measured at each call.</summary>
    public Func<(long Used, long? Free)> Disk { get; init; } = () => (0, null);

    /// <summary>Ends what an earlier daemon began and left behind: it would go on writing where a new try begins.</summary>
    public Func<CancellationToken, Task> EndLeftOver { get; init; } = _ => Task.CompletedTask;
}

/// <param name="Cache">Folder of what was downloaded.</param>
/// <param name="LogFolder">Of a provider's logs.</param>
internal sealed record InstallJobPlace(string Cache, Func<string, string> LogFolder);

/// <summary>
/// Brings every provider that can run here to this machine, and keeps it at the version that is wanted. One loop owns what is done;
/// each provider is worked on by itself, so that none waits for another that fails.
/// </summary>
internal sealed partial class Installations(InstallTools tools, ReleaseStore store, ManifestShelf shelf, IConfigView config, TimeProvider time, ILogger<Installations> log) : BackgroundLoop
{
    /// <summary>Downloads at the same time; what is built waits for its turn besides.</summary>
    private const int AtOnce = 6;

    private static readonly TimeSpan[] s_pauses =
        [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1)];

    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(30);

    /// <summary>Whoever laid a manifest into his folder looks on.</summary>
    private static readonly TimeSpan s_manifestPace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_noRoomPause = TimeSpan.FromMinutes(10);

    private readonly Channel<Message> _inbox = Channel.CreateUnbounded<Message>(new() { SingleReader = true });
    private readonly Dictionary<string, Work> _works = new(StringComparer.Ordinal);
    private readonly List<TaskCompletionSource> _settling = [];
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Versions that were asked for and are not there yet; null for the manifest's. They are kept from the moment on in which they are.</summary>
    private readonly Dictionary<string, string?> _wished = new(StringComparer.Ordinal);
    private string[] _refused = [];
    private readonly SemaphoreSlim _places = new(AtOnce);
    private readonly SemaphoreSlim _builds = new(1);
    private readonly Published<InstallState> _state = new(InstallState.Empty);
    private readonly Published<InstallState> _installed = new(InstallState.Empty);

    public InstallState Current => _state.Current;

    public long Version => _state.Version;

    public Task ChangedAsync(long version, CancellationToken cancellationToken) => _state.ChangedAsync(version, cancellationToken);

    /// <summary>Grows when another release is in use somewhere; progress does not count.</summary>
    public long InstalledVersion => _installed.Version;

    public Task InstalledChangedAsync(long version, CancellationToken cancellationToken) => _installed.ChangedAsync(version, cancellationToken);

    /// <summary>Installs, updates or repairs a provider now, whatever is installed by itself.</summary>
    /// <param name="version">Kept from now on; null for the manifest's.</param>
    public void Ask(string id, string? version) => _inbox.Writer.TryWrite(new Message.Asked(id, version));

    /// <summary>
    /// From now on a provider is not installed: nothing of it is started any more, and what is being installed of it ends. Its releases lie there until
    /// <see cref="WhileStillAsync"/> takes them away.
    /// </summary>
    public async Task RemoveAsync(string id)
    {
        await TellAsync(done => new Message.Remove(id, done));
        var ending = Task.CompletedTask;
        await WhileStillAsync(_ => ending = _works.GetValueOrDefault(id) is { Running: not null } work ? work.Ended.Task : Task.CompletedTask);
        await ending;
        // its end shows in the state from now on
        await SettledAsync();
    }

    /// <summary>Uses the release that was in use before.</summary>
    /// <returns>What is used now; null where there is no other.</returns>
    public async Task<InstalledRelease?> RollBackAsync(string id)
    {
        await TellAsync(done => new Message.RollBack(id, done));
        return store.Current(id);
    }

    public Task AcceptAsync(string id, string terms) => TellAsync(done => new Message.Accepted(id, terms, done));

    /// <summary>Does something to what lies on disk while no installation begins or ends.</summary>
    /// <param name="action">Short; told which providers are being installed.</param>
    public Task WhileStillAsync(Action<IReadOnlySet<string>> action) => TellAsync(done => new Message.Still(action, done));

    /// <summary>Completes once everything told before this call has become part of the state.</summary>
    public Task SettledAsync() => TellAsync(done => new Message.Settle(done));

    private Task TellAsync(Func<TaskCompletionSource, Message> message)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _inbox.Writer.TryWrite(message(done));
        return done.Task;
    }

    /// <summary>What is installed already is known before the daemon is: an engine that runs on is adopted.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // what was asked for goes on, whatever ended the daemon before
        foreach (var id in shelf.Current.Manifests.Select(manifest => manifest.Id))
        {
            if (store.Words(id).Wished is not { } version) continue;
            _asked.Add(id);
            _wished[id] = version.Length == 0 ? null : version;
        }

        Publish(Machine());
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        // the daemon's start goes first
        await Task.Yield();
        await tools.EndLeftOver(stoppingToken);
        foreach (var manifest in shelf.Current.Manifests) Try(manifest.Id, () => store.Sweep(manifest.Id));
        using var tick = time.CreateTimer(_ => _inbox.Writer.TryWrite(new Message.Look()), null, s_pace, s_pace);
        var known = shelf.Current;
        using var look = time.CreateTimer(_ => LookAtManifests(), null, s_manifestPace, s_manifestPace);
        _inbox.Writer.TryWrite(new Message.Look());
        var watch = WatchConfigAsync(stoppingToken);
        try
        {
            await foreach (var message in _inbox.Reader.ReadAllAsync(stoppingToken))
            {
                var isNews = Take(message);
                while (_inbox.Reader.TryRead(out var more)) isNews |= Take(more);
                // who only says how far it is changes nothing of what is to be done
                if (isNews) Converge(stoppingToken);
                else PublishProgress();
                foreach (var settled in _settling) settled.SetResult();
                _settling.Clear();
            }
        }
        finally
        {
            await Task.WhenAll(_works.Values.Select(work => work.Running ?? Task.CompletedTask).Append(watch)).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        void LookAtManifests()
        {
            if (Interlocked.Exchange(ref known, shelf.Current) is var before && before != known) _inbox.Writer.TryWrite(new Message.Look());
        }
    }

    private async Task WatchConfigAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await config.ChangedAsync(config.Version, cancellationToken);
            _inbox.Writer.TryWrite(new Message.AllAgain());
        }
    }

    /// <returns>False where nothing but progress was told.</returns>
    private bool Take(Message message)
    {
        switch (message)
        {
            case Message.Asked(var id, var version):
                _asked.Add(id);
                _wished[id] = version;
                // by hand, what was no good may be tried once more
                Try(id, () => store.Remember(id, store.Words(id) with { Wished = version ?? "", Refused = null, Failed = null }));
                Again(id);
                break;
            case Message.Settle(var done): _settling.Add(done); break;
            case Message.Still(var action, var done):
                Answer(done, () => action(_works.Where(work => work.Value.Running is not null).Select(work => work.Key).ToHashSet(StringComparer.Ordinal)));
                RoomCame();
                break;
            case Message.Ordered(var id, var order): TakeOrder(id, order); break;
            case Message.Use(var id, var version, var done): Answer(done, () => TakeUse(id, version)); break;
            case Message.Refuse(var id, var version, var done): Answer(done, () => TakeRefuse(id, version)); break;
            case Message.AllAgain:
                foreach (var id in _works.Keys) Again(id);
                // what was refused when it was asked for is not done later, unasked
                foreach (var id in _refused)
                {
                    _asked.Remove(id);
                    Forget(id, out _);
                }

                break;
            case Message.Reported(var id, var progress) when _works.TryGetValue(id, out var work):
                if (work.Running is null) return false;
                work.Progress = progress;
                if (progress.DoneBytes is { } fetched) work.Fetched[progress.Key] = fetched;
                return false;
            case Message.Reported: return false;
            case Message.Ended(var id, var failure) when _works.TryGetValue(id, out var work): End(id, work, failure); break;
            case Message.Remove(var id, var done):
                _asked.Remove(id);
                _wished.Remove(id);
                Answer(done, () =>
                {
                    store.Remember(id, store.Words(id) with { Removed = true, Pinned = null, Wished = null });
                    store.Unlink(id);
                    if (_works.TryGetValue(id, out var work)) work.Cancel?.Cancel();
                });
                RoomCame();
                break;
            case Message.RollBack(var id, var done):
                Answer(done, () =>
                {
                    if (store.Previous(id) is not { } before) return;
                    _wished.Remove(id);
                    store.Switch(id, before.Version);
                    store.Remember(id, store.Words(id) with { Pinned = before.Version.Split('+')[0], Wished = null });
                });
                break;
            case Message.Accepted(var id, var terms, var done):
                Answer(done, () => store.Remember(id, store.Words(id) with { Accepted = terms, AcceptedAt = time.GetUtcNow(), Removed = false }));
                _asked.Add(id);
                Again(id);
                break;
        }

        return true;
    }

    private static void Answer(TaskCompletionSource done, Action action)
    {
        try
        {
            action();
            done.SetResult();
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            done.SetException(disk);
        }
    }

    /// <summary>Whoever waits for room may have it now.</summary>
    private void RoomCame()
    {
        foreach (var (id, work) in _works)
            if (work.NeedsRoom) Again(id);
    }

    private void Again(string id)
    {
        if (_works.TryGetValue(id, out var work)) (work.Failures, work.Failure, work.NextTry, work.NeedsRoom) = (0, null, time.GetUtcNow(), false);
    }

    private void End(string id, Work work, InstallOutcome.Failed? failure)
    {
        (work.Running, work.Progress, work.Failure) = (null, null, failure);
        // what it might have taken is free again
        RoomCame();
        if (work.Cancel is { IsCancellationRequested: true })
        {
            // it was taken away, or switched off, and may have come to its end all the same
            (work.NextTry, work.Failure) = (time.GetUtcNow(), null);
            TakeOrdered(id, work, failure);
            if (store.Words(id).Removed) Try(id, () => store.Unlink(id));
            work.Ended.SetResult();
            return;
        }

        work.Ended.SetResult();
        if (TakeOrdered(id, work, failure)) return;
        if (failure is null)
        {
            work.Failures = 0;
            LogInstalled(id, store.Current(id)?.Version ?? "");
            Try(id, () => DropUnused(id));
            return;
        }

        if (shelf.Current.Find(id) is { } manifest && NeedOf(manifest, Machine()) is InstallNeed.Needed wanted && wanted.Label != work.Label)
        {
            // another version was asked for meanwhile
            Again(id);
            return;
        }

        var pause = s_pauses[Math.Min(work.Failures++, s_pauses.Length - 1)];
        // a version that cannot be had is not waited for: what there is, or the manifest's, is as good as before
        var isGivenUp = !failure.Waits && Forget(id, out var version) && version is not null;
        if (isGivenUp && store.Current(id) is null) _asked.Remove(id);
        work.NextTry = time.GetUtcNow() + (failure.Waits || isGivenUp ? pause : s_pauses[^1]);
        LogFailed(id, failure.Step, failure.Reason, work.NextTry);
        _ = WakeAsync(id, work.NextTry);
    }

    /// <summary>Two releases are kept: the one in use and the one before.</summary>
    private void DropUnused(string id)
    {
        foreach (var release in store.Unused(id)) ReleaseStore.Delete(release);
    }

    private async Task WakeAsync(string id, DateTimeOffset when)
    {
        var wait = when - time.GetUtcNow();
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time);
        _inbox.Writer.TryWrite(new Message.Look());
    }

    private void Converge(CancellationToken cancellationToken)
    {
        var machine = Machine();
        foreach (var (id, version) in _wished.ToArray())
            if (shelf.Current.Find(id) is { } manifest && NeedOf(manifest, machine) is InstallNeed.Satisfied)
                Try(id, () =>
                {
                    store.Remember(id, store.Words(id) with { Removed = false, Pinned = version, Wished = null });
                    _wished.Remove(id);
                });
        _refused = [.. _asked.Where(id => shelf.Current.Find(id) is { } manifest && NeedOf(manifest, machine) is InstallNeed.Off)];
        DiskBudget? budget = null;
        var due = shelf.Current.Manifests.Select(manifest => (Manifest: manifest, Need: NeedOf(manifest, machine)))
            .Where(each => each.Need is InstallNeed.Needed).OrderBy(each => InstallSize.Of(each.Manifest, machine, (InstallNeed.Needed)each.Need).Total ?? long.MaxValue);
        foreach (var (manifest, need) in due)
        {
            if (!_works.TryGetValue(manifest.Id, out var work)) _works[manifest.Id] = work = new Work { NextTry = time.GetUtcNow(), Since = time.GetUtcNow() };
            if (work.Running is not null || work.NextTry > time.GetUtcNow()) continue;
            work.Since = time.GetUtcNow();
            work.Size = InstallSize.Of(manifest, machine, (InstallNeed.Needed)need);
            if (store.Find(manifest.Id, ((InstallNeed.Needed)need).Label) is null && !IsRoom(manifest.Id, work, budget ??= Budget()))
            {
                TakeOrdered(manifest.Id, work, work.Failure);
                continue;
            }

            work.Fetched.Clear();
            work.Label = ((InstallNeed.Needed)need).Label;
            work.Cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            work.Ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            work.Running = WorkAsync(manifest, (InstallNeed.Needed)need, machine, work.Cancel.Token, cancellationToken);
        }

        // what is not wanted any more is not brought to its end
        foreach (var manifest in shelf.Current.Manifests)
            if (_works.GetValueOrDefault(manifest.Id) is { Running: not null, Cancel: { IsCancellationRequested: false } cancel } && NeedOf(manifest, machine) is InstallNeed.Off or InstallNeed.Impossible) cancel.Cancel();

        EndVainOrders(machine);
        Publish(machine);
    }

    private MachineFacts Machine() => tools.Machine();

    private void Try(string id, Action action)
    {
        try
        {
            action();
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            LogDisk(id, disk.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Provider} {Release} is installed")]
    private partial void LogInstalled(string provider, string release);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Provider} could not be installed ({Step}): {Reason}; next try {When}")]
    private partial void LogFailed(string provider, string step, string reason, DateTimeOffset when);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the folder of {Provider} could not be tidied: {Reason}")]
    private partial void LogDisk(string provider, string reason);
}
