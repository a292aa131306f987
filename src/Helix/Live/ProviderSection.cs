using Helix.Contracts;
using Helix.Core.Dashboard;
using Helix.Core.Fleet;
using Helix.Core.Install;
using Helix.Core.Live;
using Helix.Daemon;
using Helix.Fleet;
using Helix.Install;
using Helix.Manifests;
using Helix.Storage;

namespace Helix.Live;

/// <summary>Every provider as a user sees it, with what can be done with it now.</summary>
internal sealed class ProviderSection(ProviderRoster roster, IFleetView fleet, Func<InstallState> installations, ManifestShelf shelf, ReleaseStore store, HelixHome home) : ILiveSection
{
    /// <summary>Of each, the release that a rollback would bring back and what all of them take, and when that was found out: beside which one, and of which folder.</summary>
    private readonly Dictionary<string, (string? Beside, DateTime Changed, string? Previous, long? Bytes)> _kept = new(StringComparer.Ordinal);

    public string Name => "providers";

    public int Every => 5;

    public bool FollowsFleet => true;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        var (run, installs, order) = (fleet.Current.Providers, installations().Providers, 0);
        foreach (var row in roster.All()) reading.Add(row.Id, Report(row, run.FirstOrDefault(provider => provider.Id == row.Id), installs.GetValueOrDefault(row.Id), order++), LiveJson.Default.LiveProvider);
        return ValueTask.CompletedTask;
    }

    private LiveProvider Report(ProviderReport row, ProviderStatus? status, ProviderInstall? install, int order)
    {
        var isBuiltin = row.Id == Fleet.Fleet.Builtin;
        var (isAttached, isCloud) = (status?.IsAttached == true, status?.IsCloud == true);
        var manifest = shelf.Current.Find(isAttached ? status?.Product ?? row.Id : row.Id);
        var (previous, bytes) = isBuiltin || isAttached ? (null, null) : KeptOf(row);
        var terms = isAttached || manifest?.Install.Select(way => way.Accept).OfType<string>().FirstOrDefault() is not { } address || store.Words(row.Id).Accepted == address ? null : address;
        var facts = new ActionFacts(
            row.State, isBuiltin, isAttached, status is not null && !isAttached, install is { Need: InstallNeed.Needed or InstallNeed.Off } && terms is null, install is { IsWorking: true }, previous is not null,
            HasLogs(row.Id), !isCloud && manifest?.Serves?.Interface is { } own && !(isAttached && own.Port is not null));
        return new(
            row.Id, row.Name, order, row.Category, row.Description, row.State, row.Reason, row.Since, row.Pid, row.Model, row.Release, previous, row.Verified, isAttached, isCloud, terms, bytes, ProgressOf(install), ProviderActions.Of(facts));
    }

    private (string? Previous, long? Bytes) KeptOf(ProviderReport row)
    {
        // a release that comes or goes changes the folder
        var changed = Directory.GetLastWriteTimeUtc(Path.Combine(store.FolderOf(row.Id), "versions"));
        if (!_kept.TryGetValue(row.Id, out var known) || known.Beside != row.Release || known.Changed != changed) _kept[row.Id] = known = (row.Release, changed, store.Previous(row.Id)?.Version, BytesOf(row.Id));
        return (known.Previous, known.Bytes);
    }

    private long? BytesOf(string id)
    {
        try
        {
            var releases = store.All(id);
            return releases.Count == 0 ? null : releases.Sum(release => release.Bytes);
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static double? ProgressOf(ProviderInstall? install) =>
        install is { IsWorking: true, Progress: { DoneBytes: { } done, TotalBytes: > 0 and var total } } ? Math.Round((double)done / total, 3) : null;

    private bool HasLogs(string id)
    {
        try
        {
            var folder = Path.Combine(home.Logs, id);
            return Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.log").Any();
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
