using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Core.Updates;
using Helix.Manifests;

namespace Helix.Install;

/// <summary>What others order of the installations: a release made again, or laid beside the one in use, and the switch between them.</summary>
internal sealed partial class Installations
{
    /// <summary>At most one for each provider.</summary>
    private readonly Dictionary<string, Order> _orders = new(StringComparer.Ordinal);

    /// <summary>Manifests that go with releases, by the release's folder and the time of its installation.</summary>
    private readonly Dictionary<(string Folder, DateTimeOffset Installed), Manifest?> _goingWith = [];

    /// <summary>Makes the release in use again beside itself, tries it, and puts it in its place.</summary>
    /// <returns>Null when it is there; else why not, and everything is as before.</returns>
    public Task<InstallOutcome.Failed?> RebuildAsync(string id) => OrderAsync(id, null);

    /// <summary>Installs a version beside the one in use, and tries it; which one is used does not change.</summary>
    /// <returns>Null when it is there; else why not.</returns>
    public Task<InstallOutcome.Failed?> StageAsync(string id, string version) => OrderAsync(id, version);

    /// <summary>Uses a release that was laid beside the one in use.</summary>
    /// <returns>What is used now.</returns>
    public async Task<InstalledRelease?> UseAsync(string id, string version)
    {
        await TellAsync(done => new Message.Use(id, version, done));
        return store.Current(id);
    }

    /// <summary>Goes back to the release before, and never to this version again by itself.</summary>
    /// <returns>What is used now; null where there is no other, and nothing has changed but the memory of it.</returns>
    public async Task<InstalledRelease?> RefuseAsync(string id, string version)
    {
        await TellAsync(done => new Message.Refuse(id, version, done));
        return store.Current(id) is { } now && VersionOf(now) != version ? now : null;
    }

    private Task<InstallOutcome.Failed?> OrderAsync(string id, string? version)
    {
        var order = new Order(version);
        if (!_inbox.Writer.TryWrite(new Message.Ordered(id, order))) order.Done.SetCanceled();
        return order.Done.Task;
    }

    private void TakeOrder(string id, Order order)
    {
        if (!_orders.TryAdd(id, order)) order.Done.SetResult(new("installing", $"{id} is being installed already", "", Waits: true));
        Again(id);
    }

    private void TakeUse(string id, string version)
    {
        if (store.All(id).FirstOrDefault(release => VersionOf(release) == version) is not { } release) throw new IOException($"{id} {version} is not installed");
        _wished.Remove(id);
        var known = shelf.Current.Find(id) is { } manifest ? KnownTo(manifest, Machine()) : null;
        store.Remember(id, store.Words(id) with { Chosen = version, ChosenAt = time.GetUtcNow(), Beyond = known == version ? null : known, Wished = null, Failed = null });
        store.Switch(id, release.Version);
        DropUnused(id);
    }

    private void TakeRefuse(string id, string version)
    {
        var words = store.Words(id);
        var refused = new[] { version }.Concat(words.Refused ?? []).Distinct().ToArray();
        var before = store.Current(id) is { } now && VersionOf(now) == version ? store.Previous(id) : null;
        // that it was asked for by name would bring it back at once
        words = words with { Refused = refused, Pinned = words.Pinned == version ? null : words.Pinned, Wished = words.Wished == version ? null : words.Wished };
        store.Remember(id, before is null ? words : words with { Chosen = VersionOf(before), ChosenAt = null });
        if (!_wished.TryGetValue(id, out var wished) || wished == version)
        {
            _asked.Remove(id);
            _wished.Remove(id);
        }

        if (before is null) return;
        store.Switch(id, before.Version);
        // else the one that was no good would be the one to go back to
        store.ForgetPrevious(id);
    }

    private static string VersionOf(InstalledRelease release) => release.Version.Split('+')[0];

    private InstallNeed NeedOf(Manifest manifest, MachineFacts machine)
    {
        var words = store.Words(manifest.Id);
        var current = store.Current(manifest.Id);
        if (current is not null && _orders.TryGetValue(manifest.Id, out var order))
        {
            var ordered = InstallNeed.Of(manifest, machine, config.Current, new(Asked: true, Removed: false, order.Version ?? VersionOf(current), words.Accepted), null);
            return ordered is InstallNeed.Needed needed ? needed with { IsAgain = order.Version is null, IsBeside = order.Version is not null } : ordered;
        }

        var chosen = KnownTo(manifest, machine) is { } known ? ChosenVersion.Of(words.Chosen, known, current is null ? null : VersionOf(current), words.Refused ?? [], words.Beyond) : null;
        return InstallNeed.Of(
            manifest, machine, config.Current,
            new(_asked.Contains(manifest.Id), words.Removed, _wished.TryGetValue(manifest.Id, out var wished) ? wished ?? chosen : words.Pinned ?? chosen, words.Accepted), current?.Version);
    }

    /// <summary>The version that a manifest names for this machine; null where there is none.</summary>
    private static string? KnownTo(Manifest manifest, MachineFacts machine) => Feasibility.Of(manifest, machine) is Feasibility.Possible possible
        ? InstallChoice.Of(manifest, machine, possible.Kind).Select(choice => choice.Way.Version).FirstOrDefault()
        : null;

    /// <returns>False where nothing was ordered.</returns>
    private bool TakeOrdered(string id, Work work, InstallOutcome.Failed? failure)
    {
        if (!_orders.Remove(id, out var order)) return false;
        if (order.Version is { } version && failure is { WasTried: true, Waits: true } or { WasTried: false, Waits: false }) Try(id, () => NoteFailed(id, version));
        (work.Failures, work.Failure, work.NextTry) = (0, null, time.GetUtcNow());
        order.Done.SetResult(failure);
        return true;
    }

    private void NoteFailed(string id, string version)
    {
        var words = store.Words(id);
        store.Remember(id, words with { Failed = FailedTry.After(words.Failed, version, time.GetUtcNow()) });
    }

    /// <summary>What cannot be made any more is not waited for.</summary>
    private void EndVainOrders(MachineFacts machine)
    {
        foreach (var id in _orders.Keys.Where(id => shelf.Current.Find(id) is not { } manifest || NeedOf(manifest, machine) is not InstallNeed.Needed { IsAgain: true } and not InstallNeed.Needed { IsBeside: true }).ToArray())
            if (_works.GetValueOrDefault(id) is not { Running: not null } && _orders.Remove(id, out var order))
            {
                if (order.Version is { } version) Try(id, () => NoteFailed(id, version));
                order.Done.SetResult(new("installing", $"{id} cannot be installed here now", "See: helix local-llm list", Waits: false));
            }
    }

    /// <summary>A release of another version than the manifest's runs as it did: with the manifest by which it was installed.</summary>
    private Manifest GoingWith(InstalledRelease release, Manifest manifest)
    {
        if (manifest.Install.Any(way => way.Version == VersionOf(release))) return manifest;
        var key = (release.Folder, release.Installed);
        if (!_goingWith.TryGetValue(key, out var own))
            _goingWith[key] = own = ReleaseStore.ManifestOf(release) is { } text && ManifestText.Parse(text) is ManifestOutcome.Good(var kept) && kept.Id == manifest.Id ? kept : null;
        return own ?? manifest;
    }

    /// <param name="Version">To be laid beside the one in use; null: the one in use is made again.</param>
    private sealed record Order(string? Version)
    {
        public TaskCompletionSource<InstallOutcome.Failed?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
