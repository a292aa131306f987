using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Core.Models;

namespace Helix.Core.Planning;

/// <summary>Where a model would be served.</summary>
/// <param name="Provider">Null where none can load it.</param>
internal sealed record PlannedPlace(PlannedModel Model, string? Provider, Placement Placement);

/// <summary>What would happen on a machine: which providers could run there, which models would, with which context, and why.</summary>
/// <param name="Models">The library's in its order, then the catalogue's.</param>
/// <param name="Choice">The model of the catalogue that helix would fetch, or why none.</param>
internal sealed record PlanTable(
    string Machine, long ModelMemory, ImmutableArray<(Manifest Manifest, ProviderStanding Standing)> Providers, ImmutableArray<PlannedPlace> Models, string Choice)
{
    /// <summary>That each engine computes with on the processor.</summary>
    public int Threads { get; init; }

    /// <param name="library">With the self-test last.</param>
    /// <param name="words">What the user said of each provider.</param>
    /// <param name="other">A model of the catalogue is planned too: the one that would be fetched where the library has no model for chats.</param>
    public static PlanTable Of(MachineFacts machine, HardwareFacts hardware, IReadOnlyList<Manifest> manifests, ModelCatalog catalog, PlanInput library, bool other, HelixConfig config, Func<string, InstallWords> words)
    {
        var memory = EngineMemory.Of(hardware);
        var choice = ModelChoice.For(hardware, catalog, ModelChoice.DevicesOf(machine));
        PlannedModel[] models = [.. library.Models];
        if (other && choice is ModelChoice.Picked(var entry, _) && models.All(model => model.Id != entry.Id)) models = [PlannedOf(entry, library.Now), .. models];
        var needs = manifests.Select(manifest => (Manifest: manifest, Need: InstallNeed.Of(manifest, machine, config, words(manifest.Id), null))).ToArray();
        PlannedProvider[] providers = [.. library.Providers.Where(provider => needs.All(each => each.Manifest.Id != provider.Id || each.Need is not InstallNeed.Impossible)), .. needs.Where(each => each.Need is InstallNeed.Needed).Select(each => PlannedProvider.Of(each.Manifest, ((InstallNeed.Needed)each.Need).On))];
        var plan = FleetPlan.Make(library with { Models = models, Providers = providers, MemoryBytes = memory, Devices = PlannedDevice.Of(machine) });
        return new(
            Words(machine, hardware), memory,
            [.. needs.Select(each => (each.Manifest, StandingOf(each.Manifest, each.Need, machine)))],
            [.. models.Select(model => new PlannedPlace(model, plan.Served.TryGetValue(model.Id, out var seat) ? seat.Provider : null, plan.Of(model.Id)))],
            choice switch
            {
                ModelChoice.Picked(_, var reason) => reason,
                ModelChoice.None(var reason, var remedy) => $"{reason}; {remedy}",
                _ => throw new InvalidOperationException("a choice is a model or none"),
            });
    }

    private static ProviderStanding StandingOf(Manifest manifest, InstallNeed need, MachineFacts machine) => need switch
    {
        InstallNeed.Off when manifest.Id == PlannedProvider.Builtin => new(ProviderState.Available, "comes with helix"),
        InstallNeed.Needed(_, var on, var version, _) => new(ProviderState.Available, $"{version}, on {PlatformFit.NameOf(on)}"),
        InstallNeed.Impossible(var reason) => new(ProviderState.Unsupported, reason),
        InstallNeed.Off(var reason) => new(ProviderState.Available, reason),
        _ => ProviderStanding.OfAttached(manifest, machine),
    };

    /// <summary>A model of the catalogue as the plan sees it, before it was fetched.</summary>
    private static PlannedModel PlannedOf(CatalogEntry entry, DateTimeOffset now) => new(
        entry.Id, "", entry.Bytes, entry.CacheBytes / FleetPlan.DefaultContext, entry.Context, ModelAbilities.Chat | ModelAbilities.Completion, false, now) { Layers = entry.Layers };

    private static string Words(MachineFacts machine, HardwareFacts hardware)
    {
        var gpus = machine.Gpus.GroupBy(gpu => (gpu.Name, gpu.MemoryBytes)).Select(group =>
            $"{(group.Count() == 1 ? "" : group.Count().ToString(CultureInfo.InvariantCulture) + " × ")}{group.Key.Name}{(group.Key.MemoryBytes is { } bytes ? $" with {ByteCount.Words(bytes)}" : "")}");
        string[] all =
        [
            machine.Platform, $"{hardware.LogicalCores} {(hardware.LogicalCores == 1 ? "core" : "cores")}", $"{ByteCount.Words(hardware.TotalMemory)} of memory",
            .. hardware.FreeDisk is { } disk ? [$"{ByteCount.Words(disk)} of free disk"] : Array.Empty<string>(), .. gpus,
        ];
        return string.Join(", ", all);
    }
}
