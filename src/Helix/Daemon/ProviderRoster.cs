using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Planning;
using Helix.Fleet;
using Helix.Manifests;

namespace Helix.Daemon;

/// <summary>Every provider as a user sees it: those of the fleet as they run, the others by their manifest and this machine.</summary>
/// <param name="since">When this daemon began to tell of them.</param>
internal sealed class ProviderRoster(IFleetView fleet, ManifestShelf shelf, Func<MachineFacts> machine, DateTimeOffset since)
{
    /// <summary>By category and id.</summary>
    public IReadOnlyList<ProviderReport> All()
    {
        var (run, hardware) = (fleet.Current.Providers, machine());
        var rows = new List<ProviderReport>();
        foreach (var manifest in shelf.Current.Manifests)
        {
            if (run.FirstOrDefault(provider => provider.Id == manifest.Id) is { } status)
                rows.Add(new(status.Id, status.Name, status.State, status.Reason, status.Pid, status.Model, status.Release, status.Since, manifest.Category, manifest.Description));
            else if (manifest.Id != Fleet.Fleet.Builtin) // which is the fleet's, and about to be told of
                rows.Add(Standing(ProviderStanding.Of(manifest, hardware)));

            ProviderReport Standing(ProviderStanding standing) =>
                new(manifest.Id, manifest.Name, standing.State, standing.Reason, null, null, null, since, manifest.Category, manifest.Description);
        }

        return rows;
    }

    /// <summary>The fleet owns it: it can be started, stopped and read of.</summary>
    public bool IsRun(string id) => fleet.Current.Providers.Any(provider => provider.Id == id);

    /// <summary>Says why nothing can be done with a provider that the fleet does not own.</summary>
    /// <param name="further">A name that is known besides.</param>
    public Task RefuseAsync(HttpContext context, string id, string? further = null)
    {
        var all = All();
        return all.FirstOrDefault(provider => provider.Id == id) is { } known
            ? ApiAnswer.RefuseAsync(
                context, StatusCodes.Status409Conflict, new(known.State == ProviderState.Unsupported ? "not_possible" : "not_built", $"{id}: {known.Reason}", "helix local-llm list shows all of them"))
            : ApiAnswer.RefuseAsync(
                context, StatusCodes.Status404NotFound,
                new("not_found", $"there is no provider '{id}'", $"these are known: {string.Join(", ", all.Select(provider => provider.Id).Concat(further is null ? [] : [further]))}"));
    }
}
