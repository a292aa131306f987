using Helix.Clouds;
using Helix.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Install;
using Helix.Models;
using Helix.Variants;

namespace Helix.Fleet;

/// <summary>What the fleet is made from that does not change while the daemon lives.</summary>
/// <param name="SelfTest">The model that helix writes itself; always the last in the list.</param>
/// <param name="MemoryBytes">What engines may use together.</param>
internal sealed record FleetGround(PlannedModel SelfTest, long MemoryBytes)
{
    /// <summary>The machine as far as it is known by now.</summary>
    public Func<MachineFacts>? Machine { get; init; }

    /// <summary>The models that helix knows by name, with their licences.</summary>
    public Func<ModelCatalog> Catalog { get; init; } = () => ModelCatalog.Empty;

    /// <summary>Completes when all that can be known of the machine is.</summary>
    public Task Surveyed { get; init; } = Task.CompletedTask;
}

/// <summary>Tells the fleet what it is made from, whenever any of it changes.</summary>
internal sealed class FleetFeed(IConfigView config, ModelLibrary library, ModelArrival arrival, ModelReturn returning, VariantArrival variants, Installations installations, AttachWatch attached, CloudWatch clouds, RecipeGround recipes, FleetGround ground)
{
    public FleetInputs Now() => new(
        config.Current,
        [.. library.Current.Models.Select(Planned), ground.SelfTest],
        [
            .. arrival.Current is ModelArrivalState.Fetching { Id: var id, Progress: { } progress } ? [new ComingModel(id, progress, ModelAbilities.Chat | ModelAbilities.Completion)] : Array.Empty<ComingModel>(),
            .. returning.Awaited.Select(absent => new ComingModel(absent, $"the weights of {absent} are being brought again", ModelAbilities.None)),
        ],
        ground.MemoryBytes,
        variants.Current.Libraries)
    {
        Installed = [.. installations.Current.Installed.Select(each => new FleetProvider(
            PlannedProvider.Of(each.Manifest, each.Release.On), each.Manifest.Name, each.Release.Version, new ManifestRecipe(recipes, each.Manifest, each.Release)))],
        Devices = ground.Machine is { } machine ? PlannedDevice.Of(machine()) : [],
        Attached = attached.Current.Engines,
        Clouds = clouds.Used,
        IsOffline = clouds.IsOffline,
    };

    /// <summary>Every model that there is, in any format; the self-test last.</summary>
    public IReadOnlyList<PlannedModel> Library() => [.. library.Current.Models.Select(Planned), ground.SelfTest];

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Completes when the library has been looked through: before that, a model that is there would seem to be gone. GPUs
    /// that are not known yet would be planned twice, and what was started on them started again.
    /// A folder that cannot be read is not waited for: the self-test can still answer.
    /// </summary>
    public async Task LookedAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            while (library is { Current.Looked: false, Version: var version }) await library.ChangedAsync(version, either.Token);
            await ground.Surveyed.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the library's own watch goes on trying, and says why it cannot be read; the survey goes on, too
        }
    }

    public async Task RunAsync(Fleet fleet, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var seen = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task[] changes =
            [
                config.ChangedAsync(config.Version, seen.Token), library.ChangedAsync(library.Version, seen.Token),
                arrival.ChangedAsync(arrival.Version, seen.Token), variants.ChangedAsync(variants.Version, seen.Token),
                installations.InstalledChangedAsync(installations.InstalledVersion, seen.Token), attached.ChangedAsync(attached.Version, seen.Token), clouds.ChangedAsync(clouds.Version, seen.Token),
                .. ground.Surveyed.IsCompleted ? Array.Empty<Task>() : [ground.Surveyed],
            ];
            fleet.Update(Now());
            await Task.WhenAny(changes);
            await seen.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private PlannedModel Planned(LibraryModel model) => new(
        model.Id, model.Path, model.Bytes, model.Facts.KvBytesPerToken, model.Facts.ContextTokens, model.Abilities, model.Id == SelfTestModel.Id, model.Added, model.Format, model.Facts.Architecture)
    {
        Layers = model.Facts.Blocks,
        // without a rule nobody asks for it, and the catalogue need not be read
        Licence = config.Current.Gateway.Licences is null ? null : LicenceRule.Of(model.Facts.License, model.Sha256, ground.Catalog()),
    };
}
