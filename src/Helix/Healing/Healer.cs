using System.Collections.Concurrent;
using System.Threading.Channels;
using Helix.Core.Fleet;
using Helix.Core.Healing;
using Helix.Core.History;
using Helix.Models;
using Helix.Processes;

namespace Helix.Healing;

/// <summary>What can be done about a fault beside restarts. Each returns null when it is done, else why not.</summary>
/// <param name="Rebuild">Makes the release in use of a provider again.</param>
/// <param name="RollBack">Goes back from a release to the one before, and does not come to it again by itself: the version before, or null where there is none.</param>
/// <param name="Verify">Compares a model with its digest and brings it again where it differs.</param>
/// <param name="StampOf">What the files of a model look like without reading them; another one says that they were changed.</param>
/// <param name="MakeRoom">Frees what is helix's own: what it freed, in words.</param>
internal sealed record HealingTools(
    Func<string, Task<string?>> Rebuild,
    Func<string, string, Task<string?>> RollBack,
    Func<string, CancellationToken, Task<DamagedModel?>> Verify,
    Func<string, string> StampOf,
    Func<CancellationToken, Task<string>> MakeRoom)
{
    /// <summary>What fails is to be brought back by itself.</summary>
    public Func<bool> Recovers { get; init; } = () => true;
}

/// <param name="Release">In use; null for none.</param>
/// <param name="HasPrevious">There is one to go back to.</param>
/// <param name="IsNew">An update brought it, so lately that it is watched.</param>
internal sealed record ReleaseFacts(string? Release, bool HasPrevious, bool IsNew = false);

/// <summary>Takes over where a supervisor's restarts end. One fault at a time for each provider, and none waits for another's.</summary>
internal sealed partial class Healer(HealingTools tools, Func<string, ReleaseFacts> releases, Func<FleetSnapshot> fleet, Action<string, string> nudge, Action<HistoryEvent> tell, TimeProvider time, ILogger<Healer> log) : BackgroundLoop
{
    /// <summary>Faults that a restart cannot mend are not restarted more often than this before more is done.</summary>
    private const int VainRestarts = 2;

    /// <summary>A model that was found whole, and was not changed since, is not looked at again for so long.</summary>
    private static readonly TimeSpan s_trusted = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_roomPause = TimeSpan.FromMinutes(1);

    private readonly Channel<InstanceStatus> _inbox = Channel.CreateBounded<InstanceStatus>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly ConcurrentDictionary<string, Climb> _climbs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (DateTimeOffset At, string Stamp)> _verified = new(StringComparer.Ordinal);

    /// <summary>By provider, what is under way and waits.</summary>
    private readonly Dictionary<string, Task> _lanes = new(StringComparer.Ordinal);
    private long _madeRoom;

    /// <summary>An instance went down. Returns at once.</summary>
    public void Take(InstanceStatus status) => _inbox.Writer.TryWrite(status);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var status in _inbox.Reader.ReadAllAsync(stoppingToken))
            {
                // what nobody foresaw ends the daemon, and is not forgotten in its lane
                if (_lanes.Values.FirstOrDefault(lane => lane.IsFaulted) is { } broken) await broken;
                _lanes[status.Provider] = AfterAsync(_lanes.GetValueOrDefault(status.Provider, Task.CompletedTask), status, stoppingToken);
            }
        }
        finally
        {
            await Task.WhenAll(_lanes.Values);
        }
    }

    private async Task AfterAsync(Task before, InstanceStatus status, CancellationToken cancellationToken)
    {
        await before;
        try
        {
            await HealAsync(status, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException or HttpRequestException)
        {
            LogFailed(status.Name, error);
            Tell(status, Severity.Error, "healing_failed", error.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // helix ends
        }
    }

    private async Task HealAsync(InstanceStatus status, CancellationToken cancellationToken)
    {
        if (status.Diagnosis is not { } diagnosis) return;
        tell(new(time.GetUtcNow(), HistoryKind.Healing, Severity.Warning, status.Provider, status.Name, diagnosis.Code, status.Fault ?? diagnosis.Words));
        // whatever goes wrong with a new release is the new release's fault, but for what it cannot help
        var isNew = releases(status.Provider).IsNew && diagnosis.Remedy is not (Remedy.FreeDisk or Remedy.OtherPort);
        // what an update brought goes back all the same: that is a part of the update
        var recovers = tools.Recovers();
        if (!recovers && !isNew) return;
        switch (diagnosis.Remedy)
        {
            case Remedy.VerifyModel when recovers && !IsTrusted(status.Model):
                var stamp = tools.StampOf(status.Model);
                if (await tools.Verify(status.Model, cancellationToken) is { } found)
                {
                    Tell(status, Severity.Error, found.IsBack ? "model_replaced" : "model_damaged", found.Words);
                    if (found.IsBack) nudge(status.Provider, $"{status.Model} was brought again");
                    return;
                }

                _verified[status.Model] = (time.GetUtcNow(), stamp);
                Tell(status, Severity.Info, "model_whole", $"{status.Model} was compared with its digest, and is whole");
                break;
            case Remedy.FreeDisk when IsTimeForRoom():
                Tell(status, Severity.Warning, "made_room", await tools.MakeRoom(cancellationToken));
                nudge(status.Provider, "room was made on the disk");
                return;
        }

        if (status.State == ProviderState.Critical || (isNew && status.Restarts >= VainRestarts) || (diagnosis.Remedy is Remedy.Rebuild or Remedy.Rollback && status.Restarts >= VainRestarts)) await ClimbAsync(status, isNew ? Remedy.Rollback : diagnosis.Remedy, cancellationToken);
    }

    private async Task ClimbAsync(InstanceStatus status, Remedy remedy, CancellationToken cancellationToken)
    {
        var id = status.Provider;
        // the built-in engine is helix itself; a release that serves another model well is not to blame
        if (HealingLadder.IsForgiven(status.Served)) _climbs.TryRemove(id, out _);
        // it failed while its release was worked at: that says nothing of what came of it
        if (_climbs.TryGetValue(id, out var worked) && status.Since < worked.Since) return;
        if (releases(id) is not { Release: { } release, HasPrevious: var hasPrevious } || fleet().Instances.Any(other => other.Provider == id && other.Name != status.Name && other.State == ProviderState.Ready)) return;
        Trouble trouble = new Trouble.Exhausted(release, remedy, hasPrevious);
        while (true)
        {
            var (climb, ascent) = HealingLadder.Next(_climbs.GetValueOrDefault(id), trouble, time.GetUtcNow());
            if (climb is null) _climbs.TryRemove(id, out _);
            else _climbs[id] = climb;
            var vain = ascent switch
            {
                Ascent.Rebuild => await RebuildAsync(status, release, cancellationToken),
                Ascent.RollBack => await RollBackAsync(status, release, cancellationToken),
                Ascent.Alert => Alert(status),
                _ => false,
            };
            if (!vain)
            {
                if (climb is not null && ascent is Ascent.Rebuild or Ascent.RollBack) _climbs[id] = climb with { Since = time.GetUtcNow() };
                return;
            }

            trouble = new Trouble.InVain(release, hasPrevious);
        }
    }

    private bool IsTrusted(string model) => _verified.TryGetValue(model, out var whole) && time.GetUtcNow() - whole.At <= s_trusted && tools.StampOf(model) == whole.Stamp;

    private bool IsTimeForRoom()
    {
        var (now, last) = (time.GetUtcNow().UtcTicks, Interlocked.Read(ref _madeRoom));
        return now - last > s_roomPause.Ticks && Interlocked.CompareExchange(ref _madeRoom, now, last) == last;
    }

    /// <returns>True if it was in vain.</returns>
    private async Task<bool> RebuildAsync(InstanceStatus status, string release, CancellationToken cancellationToken)
    {
        Tell(status, Severity.Error, "rebuild", $"restarts did not help: {status.Provider} {release} is installed again");
        if (await tools.Rebuild(status.Provider).WaitAsync(cancellationToken) is { } why)
        {
            Tell(status, Severity.Error, "rebuild_failed", $"{status.Provider} {release} could not be installed again: {why}");
            return true;
        }

        nudge(status.Provider, "its release was installed again");
        Tell(status, Severity.Info, "rebuilt", $"{status.Provider} {release} was installed again, and tried");
        return false;
    }

    /// <returns>True if it was in vain.</returns>
    private async Task<bool> RollBackAsync(InstanceStatus status, string release, CancellationToken cancellationToken)
    {
        if (await tools.RollBack(status.Provider, release).WaitAsync(cancellationToken) is not { } before) return true;
        nudge(status.Provider, $"the release before, {before}, is used");
        Tell(status, Severity.Error, "rolled_back", $"{status.Provider} went back from {release} to {before}: {status.Fault}");
        return false;
    }

    private bool Alert(InstanceStatus status)
    {
        Tell(status, Severity.Critical, "given_up", $"{status.Provider}: restarts, a new installation and the release before did not help; it is tried again, slower. {status.Fault}");
        return false;
    }

    private void Tell(InstanceStatus status, Severity severity, string what, string words)
    {
        var now = time.GetUtcNow();
        tell(new(now, HistoryKind.Healing, severity, status.Provider, status.Name, what, words));
        if (severity >= Severity.Error) tell(new(now, HistoryKind.Alert, severity, status.Provider, status.Name, what, words));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Instance} could not be healed")]
    private partial void LogFailed(string instance, Exception exception);
}
