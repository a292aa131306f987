using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;

namespace Helix.Install;

/// <summary>What is done to install one provider.</summary>
internal sealed partial class Installations
{
    private async Task WorkAsync(Manifest manifest, InstallNeed.Needed need, MachineFacts machine, CancellationToken cancellationToken, CancellationToken stopping)
    {
        await Task.Yield();
        InstallOutcome.Failed? failure;
        var isHolding = false;
        try
        {
            await _places.WaitAsync(cancellationToken);
            isHolding = true;
            failure = await InstallAsync(manifest, need, machine, cancellationToken);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            failure = disk is IOException full && FreeSpace.IsExhausted(full)
                ? new("writing to the disk", $"the disk under {store.FolderOf(manifest.Id)} is full", "Free some disk space; what was installed before is as it was.", Waits: true)
                : new("writing to the disk", disk.Message, $"Check that {store.FolderOf(manifest.Id)} belongs to you.", Waits: true);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            failure = new("installing", "it is not wanted any more", "", Waits: true);
        }
        finally
        {
            if (isHolding) _places.Release();
        }

        _inbox.Writer.TryWrite(new Message.Ended(manifest.Id, failure));
    }

    /// <summary>Tries one way after another; the failure of the first that can be waited for is the one that is told.</summary>
    private async Task<InstallOutcome.Failed?> InstallAsync(Manifest manifest, InstallNeed.Needed need, MachineFacts machine, CancellationToken cancellationToken)
    {
        InstallOutcome.Failed? told = null;
        foreach (var (way, asset) in tools.Ways(manifest, machine, need))
        {
            var isBuild = way.Kind == InstallKind.Source;
            if (isBuild)
            {
                // what is built takes long and needs no connection: whoever only downloads goes on meanwhile
                _places.Release();
                Report(new("waiting for another build to end"));
                try
                {
                    await _builds.WaitAsync(cancellationToken);
                }
                finally
                {
                    await _places.WaitAsync(CancellationToken.None);
                }
            }

            try
            {
                var failed = await MakeAsync(manifest, need, machine, way, asset, Report, cancellationToken);
                if (failed is null) return null;
                told = told is null ? failed : new(told.Step, $"{told.Reason}; and then, {failed.Step}: {failed.Reason}", told.Remedy, told.Waits || failed.Waits) { WasTried = told.WasTried && failed.WasTried };
            }
            finally
            {
                if (isBuild) _builds.Release();
            }
        }

        return told ?? new("choosing what to install", "its manifest names no file for this machine", "See docs/PROVIDERS.md for manifests of your own.", Waits: false);

        void Report(InstallProgress progress) => _inbox.Writer.TryWrite(new Message.Reported(manifest.Id, progress));
    }

    private async Task<InstallOutcome.Failed?> MakeAsync(
        Manifest manifest, InstallNeed.Needed need, MachineFacts machine, InstallWay way, Asset? asset, Action<InstallProgress> report, CancellationToken cancellationToken)
    {
        var label = InstallNeed.LabelOf(way.Version!, need.On);
        var place = tools.Place();
        // installed already, and only not in use
        if (!need.IsAgain && store.Find(manifest.Id, label) is { } there)
        {
            if (!need.IsBeside) store.Switch(manifest.Id, there.Version);
            return null;
        }

        var staging = store.Begin(manifest.Id, label);
        var done = false;
        try
        {
            Directory.CreateDirectory(place.LogFolder(manifest.Id));
            var job = new InstallJob(
                manifest.Id, way, asset, way.Version!, staging, store.FinalFolder(manifest.Id, label), place.Cache, Path.Combine(place.LogFolder(manifest.Id), "install.log"), need.On, report);
            var outcome = await tools.Make(job, cancellationToken);
            if (outcome is InstallOutcome.Failed failed) return failed;

            var made = (InstallOutcome.Done)outcome;
            var release = new InstalledRelease(
                manifest.Id, label, staging, need.On, way.Kind, time.GetUtcNow(), DiskUse.Of(staging), made.Tools, made.Digests, "");
            var trial = await tools.Try(manifest, release, report, cancellationToken);
            // an update that fails once may have been killed by somebody, or had too little of the machine: only what fails twice is no good
            if (trial is TrialOutcome.Failed && need.IsBeside) trial = await tools.Try(manifest, release, report, cancellationToken);
            switch (trial)
            {
                case TrialOutcome.Failed(var step, var reason):
                    if (made.Fetched is { } fetched) Try(manifest.Id, () => fetched.Doubt());
                    // the version that a manifest names was good elsewhere, and may be here later
                    return manifest.Install.Any(each => each.Version == way.Version)
                        ? new(step, reason, $"It is tried again by itself; see: helix local-llm logs {manifest.Id}", Waits: true) { WasTried = true }
                        : new(step, reason, $"Choose another version; see: helix local-llm logs {manifest.Id}", Waits: false) { WasTried = true };
                case TrialOutcome.Passed(var words):
                    cancellationToken.ThrowIfCancellationRequested();
                    DigestLedger.In(store.FolderOf(manifest.Id)).Record(made.Digests);
                    store.Finish(release with { Tested = words }, staging, manifest.Text);
                    if (made.Scrap is { } scrap) Try(manifest.Id, () => Directory.Delete(scrap, recursive: true));
                    break;
            }

            done = true;
            if (!need.IsBeside) store.Switch(manifest.Id, label);
            return null;
        }
        finally
        {
            if (!done && Directory.Exists(staging)) Try(manifest.Id, () => Directory.Delete(staging, recursive: true));
        }
    }
}
