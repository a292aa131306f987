using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Fleet;
using Helix.Install;
using Helix.Manifests;

namespace Helix.Daemon;

/// <summary>Every provider as a user sees it: those that are installed as they run, the others by how they come to this machine, or why not.</summary>
/// <param name="installations">How each comes to this machine.</param>
/// <param name="since">When this daemon began to tell of them.</param>
internal sealed class ProviderRoster(IFleetView fleet, ManifestShelf shelf, Func<InstallState> installations, Func<MachineFacts> machine, TimeProvider time, DateTimeOffset since)
{
    private const string OtherCategory = "openai-compatible";

    /// <summary>By category and id; what somebody else runs stands behind the product that it is.</summary>
    public IReadOnlyList<ProviderReport> All()
    {
        var (run, installs) = (fleet.Current.Providers, installations().Providers);
        var hardware = default(MachineFacts);
        var rows = new List<ProviderReport>();
        foreach (var manifest in shelf.Current.Manifests)
        {
            var install = installs.GetValueOrDefault(manifest.Id);
            if (run.FirstOrDefault(provider => provider.Id == manifest.Id) is { } status)
                rows.Add(Row(status, status.IsAttached ? manifest.Name : status.Name, status.Reason + Beside(install), manifest.Category, manifest.Description, Verified(manifest)) with { Tunes = manifest.Tunes, Touches = manifest.Touches });
            else if (manifest.Id == Fleet.Fleet.Builtin) continue; // which is the fleet's, and about to be told of
            else if (install is null or { Need: InstallNeed.Attached }) rows.Add(Row(manifest, ProviderStanding.OfAttached(manifest, hardware ??= machine()), since));
            else rows.Add(Row(manifest, Standing(install), install.Since > since ? install.Since : since));
            rows.AddRange(run.Where(provider => provider.IsAttached && provider.Product == manifest.Id && provider.Id != manifest.Id)
                .Select(provider => Row(provider, manifest.Name, provider.Reason, manifest.Category, "Run by you, used by helix")));
        }

        // what no manifest describes goes to its likes
        var others = run.Where(provider => provider.IsAttached && rows.All(row => row.Id != provider.Id)).Select(provider => Row(provider, provider.Name, provider.Reason, OtherCategory, provider.IsCloud ? "A cloud: requests leave this machine, and cost" : "Run by you, used by helix"));
        rows.InsertRange(rows.FindLastIndex(row => row.Category == OtherCategory) + 1, others);
        return rows;
    }

    /// <summary>The fleet owns it: it can be started, stopped and read of.</summary>
    public bool IsRun(string id) => fleet.Current.Providers.Any(provider => provider.Id == id && !provider.IsAttached);

    /// <summary>A manifest describes it, or somebody else runs it.</summary>
    public bool IsKnown(string id) => All().Any(provider => provider.Id == id);

    /// <summary>Somebody else runs it, and helix knows where.</summary>
    private bool IsAttached(string id) => fleet.Current.Providers.Any(provider => provider.Id == id && provider.IsAttached);

    /// <summary>Says why nothing can be done with a provider that the fleet does not own.</summary>
    /// <param name="further">A name that is known besides.</param>
    public Task RefuseAsync(HttpContext context, string id, string? further = null)
    {
        var all = All();
        if (fleet.Current.Providers.Any(provider => provider.Id == id && provider.IsCloud))
        {
            return ApiAnswer.RefuseAsync(
                context, StatusCodes.Status409Conflict,
                new("attached", $"{id} is a cloud: helix asks it, and cannot install, start, stop, update or read it", $"to use it no longer: helix cloud remove {id}"));
        }

        if (IsAttached(id))
        {
            return ApiAnswer.RefuseAsync(
                context, StatusCodes.Status409Conflict,
                new("attached", $"{id} is run by somebody else: helix uses it, and cannot install, start, stop, update or read it", $"do that where it was started; to use it no longer: helix local-llm detach {id}"));
        }

        return all.FirstOrDefault(provider => provider.Id == id) is { } known
            ? ApiAnswer.RefuseAsync(
                context, StatusCodes.Status409Conflict,
                new(known.State == ProviderState.Unsupported ? "not_possible" : "not_installed", $"{id}: {known.Reason}", "helix local-llm list shows all of them"))
            : ApiAnswer.RefuseAsync(
                context, StatusCodes.Status404NotFound,
                new("not_found", $"there is no provider '{id}'", $"these are known: {string.Join(", ", all.Select(provider => provider.Id).Concat(further is null ? [] : [further]))}"));
    }

    private static ProviderReport Row(ProviderStatus status, string name, string reason, string category, string description, string verified = "") =>
        new(status.Id, name, status.State, reason, status.Pid, status.Model, status.Release, status.Since, category, description, verified);

    private static ProviderReport Row(Manifest manifest, ProviderStanding standing, DateTimeOffset since) =>
        new(manifest.Id, manifest.Name, standing.State, standing.Reason, null, null, null, since, manifest.Category, manifest.Description, Verified(manifest)) { Tunes = manifest.Tunes, Touches = manifest.Touches };

    private static string Verified(Manifest manifest) => (ManifestResource.Runs.GetValueOrDefault(manifest.Id) ?? ProviderRuns.None).Words;

    /// <summary>What is done to a provider that is installed already.</summary>
    private static string Beside(ProviderInstall? install) => install switch
    {
        { IsWorking: true, Need: InstallNeed.Needed(_, _, var version, _) } => $"; {version} is being installed: {Now(install)}",
        { Failure: { } failure, Need: InstallNeed.Needed(_, _, var version, _) } => $"; {version} could not be installed: {failure.Reason}",
        _ => "",
    };

    private ProviderStanding Standing(ProviderInstall install) => install switch
    {
        { Need: InstallNeed.Impossible(var reason) } => new(ProviderState.Unsupported, reason),
        { Need: InstallNeed.Off(var reason) } => new(ProviderState.Available, reason),
        { IsWorking: true } => new(ProviderState.Installing, Progress(install)),
        { Failure: { } failure, NextTry: { } next } => new(ProviderState.Available, $"not installed yet; {failure.Step}: {failure.Reason}; next try {Words(next - time.GetUtcNow())}"),
        _ => new(ProviderState.Available, "about to be installed"),
    };

    private static string Progress(ProviderInstall install) => install.Size is { } size ? $"{Now(install)}; in all {size}" : Now(install);

    private static string Now(ProviderInstall install) =>
        install.Progress is { DoneBytes: { } done, TotalBytes: > 0 and var total } ? $"{install.Words}, {100 * done / total} % of {Core.Models.ByteCount.Words(total)}" : install.Words;

    private static string Words(TimeSpan wait) => wait.TotalSeconds < 1 ? "now" : wait.TotalMinutes < 2 ? $"in {wait.TotalSeconds:0} s" : $"in {wait.TotalMinutes:0} min";
}
