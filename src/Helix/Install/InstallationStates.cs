using System.Collections.Immutable;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;

namespace Helix.Install;

/// <summary>What the installations tell of themselves, what is forgotten, and whether there is room for one more.</summary>
internal sealed partial class Installations
{
    /// <summary>What was put in place by somebody else counts more than what was asked for before. Only within <see cref="WhileStillAsync"/>.</summary>
    public void DropWish(string id) => Forget(id, out _);

    /// <summary>Waits a while for what is being installed of a provider to come to its end.</summary>
    public async Task QuietAsync(string id, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_pace, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            for (var version = Version; Current.Providers.GetValueOrDefault(id) is { IsWorking: true }; version = Version) await ChangedAsync(version, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // it goes on longer
        }
    }

    private bool Forget(string id, out string? version)
    {
        if (!_wished.Remove(id, out version)) return false;
        Try(id, () => store.Remember(id, store.Words(id) with { Wished = null }));
        return true;
    }

    private DiskBudget Budget()
    {
        var (used, free) = tools.Disk();
        return DiskBudget.Of(config.Current.Resources, used, free);
    }

    /// <summary>Asked before each one is begun, so that what is under way counts.</summary>
    private bool IsRoom(string id, Work work, DiskBudget budget)
    {
        var running = _works.Values.Where(other => other.Running is not null).Sum(other => other.ToCome);
        work.NeedsRoom = false;
        if (budget.Refusal(work.Size, running) is not { } reason) return true;
        work.Failure = new InstallOutcome.Failed("looking for room", reason, budget.Remedy(work.Size, running), Waits: true);
        work.NeedsRoom = true;
        work.NextTry = time.GetUtcNow() + s_noRoomPause;
        LogFailed(id, work.Failure.Step, reason, work.NextTry);
        _ = WakeAsync(id, work.NextTry);
        return false;
    }

    private void Publish(MachineFacts machine)
    {
        var manifests = shelf.Current.Manifests;
        var providers = manifests.Select(manifest => StateOf(manifest, machine)).ToImmutableSortedDictionary(state => state.Id, state => state, StringComparer.Ordinal);
        var installed = manifests.Where(manifest => manifest.Launch is not null)
            .Select(manifest => store.Current(manifest.Id) is { } release ? new InstalledProvider(GoingWith(release, manifest), release) : null).OfType<InstalledProvider>().ToImmutableArray();
        var next = new InstallState(providers, installed);
        var isOther = !installed.Select(KeyOf).SequenceEqual(Current.Installed.Select(KeyOf));
        if (!isOther && next.Providers.SequenceEqual(Current.Providers)) return;
        _state.Replace(next);
        if (isOther) _installed.Replace(next);

        static (string, string, DateTimeOffset) KeyOf(InstalledProvider provider) => (provider.Manifest.Id, provider.Release.Version, provider.Release.Installed);
    }

    private ProviderInstall StateOf(Manifest manifest, MachineFacts machine)
    {
        var need = NeedOf(manifest, machine);
        var work = _works.GetValueOrDefault(manifest.Id);
        // a version that cannot be had leaves what there is, and the reason
        if (need is not InstallNeed.Needed || work is null) return new(manifest.Id, need is InstallNeed.Needed needed ? needed with { Ways = [] } : need, false, "", null, work?.Failure, null, DateTimeOffset.MinValue);
        var words = work.Running is not null ? work.Progress?.Step ?? "about to be installed"
            : work.Failure is { } failure ? $"{failure.Step}: {failure.Reason}"
            : "about to be installed";
        // what is needed was compared already; arrays in it would make equal states unequal
        return new(manifest.Id, ((InstallNeed.Needed)need) with { Ways = [] }, work.Running is not null, words, work.Progress, work.Failure, work.Running is null ? work.NextTry : null, work.Since)
        {
            Size = work.Size.Words,
        };
    }

    private void PublishProgress()
    {
        var now = Current;
        var moved = now.Providers.Values.Where(install => install.IsWorking && _works.GetValueOrDefault(install.Id)?.Progress is { } progress && progress != install.Progress)
            .Select(install => KeyValuePair.Create(install.Id, install with { Progress = _works[install.Id].Progress, Words = _works[install.Id].Progress!.Step })).ToArray();
        if (moved.Length > 0) _state.Replace(now with { Providers = now.Providers.SetItems(moved) });
    }
}
