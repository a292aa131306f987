using System.Collections.Immutable;
using Helix.Core.Install;
using Helix.Storage;

namespace Helix.Install;

/// <param name="Problem">Why it could not go; null where it is gone, or would go.</param>
internal sealed record CleanupDone(CleanupItem Item, string? Problem);

/// <summary>Throws away what <see cref="Cleanup"/> chooses. Releases and caches are first put out of the way by a rename, while no installation begins or ends, so that nobody ever meets half of one.</summary>
internal sealed class CleanupRun(HelixHome home, ReleaseStore store, Installations installations, CleanupLook look, Func<IReadOnlyCollection<string>, CancellationToken, Task> dropWeights, Func<IReadOnlySet<string>> alive)
{
    /// <param name="onlyLook">Nothing is changed.</param>
    /// <param name="spared">Of these kinds nothing goes.</param>
    public async Task<ImmutableArray<CleanupDone>> RunAsync(bool onlyLook, CancellationToken cancellationToken, params ImmutableArray<CleanupKind> spared)
    {
        var items = Cleanup.Of(await look.ListAsync(cancellationToken)).Where(item => !spared.Contains(item.Kind)).ToArray();
        if (onlyLook) return [.. items.Select(item => new CleanupDone(item, null))];

        var problems = new Dictionary<CleanupItem, string>();
        var aside = new Dictionary<CleanupItem, string?>();
        await installations.WhileStillAsync(working =>
        {
            var running = alive();
            foreach (var item in items.Where(item => item.Kind != CleanupKind.Weights))
                Guard(item, () => aside[item] = MayGo(item, working, running) ? PutAside(item) : null);
        });
        foreach (var (item, path) in aside)
            if (path is not null)
                Guard(item, () => DiskUse.Delete(path));

        var weights = items.Where(item => item.Kind == CleanupKind.Weights).ToArray();
        if (weights.Length > 0) await dropWeights([.. weights.Select(item => item.Item.Path)], cancellationToken);
        foreach (var item in weights.Where(item => Path.Exists(item.Item.Path))) problems[item] = "it is named by a model now, or could not be deleted";
        return [.. items.Select(item => new CleanupDone(item, problems.GetValueOrDefault(item)))];

        void Guard(CleanupItem item, Action action)
        {
            try
            {
                action();
            }
            catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
            {
                problems[item] = disk.Message;
            }
        }

        bool MayGo(CleanupItem item, IReadOnlySet<string> working, IReadOnlySet<string> running)
        {
            var why = item switch
            {
                { Kind: CleanupKind.PackageCache or CleanupKind.Part or CleanupKind.Toolchain } when working.Count > 0 => "something is being installed now",
                { Kind: CleanupKind.Download } when working.Count > 0 && Path.GetDirectoryName(item.Item.Path) == Path.Combine(home.Downloads, ImageFiles.Layers) => "something is being installed now",
                { Owner: { } owner } when working.Contains(owner) => $"{owner} is being installed now",
                { Kind: CleanupKind.Temporary, Owner: { } owner } when running.Contains(owner) => $"{owner} runs now",
                _ => null,
            };
            if (why is not null) problems[item] = why;
            return why is null;
        }
    }

    /// <returns>What is to be deleted now; null where nothing is left to be.</returns>
    private string? PutAside(CleanupItem item)
    {
        var path = item.Item.Path;
        switch (item.Kind)
        {
            case CleanupKind.Release or CleanupKind.Staging: return store.PutAside(item.Owner!, path) ?? throw new IOException("it is in use now, or gone");
            case CleanupKind.Toolchain: return Toolchains.PutAside(path);
            case CleanupKind.Download or CleanupKind.Build or CleanupKind.Checkout or CleanupKind.PackageCache when Directory.Exists(path):
                var aside = Path.Combine(home.Downloads, CleanupLook.Aside + Guid.NewGuid().ToString("N"));
                Directory.Move(path, aside);
                return aside;
            default: return path;
        }
    }
}
