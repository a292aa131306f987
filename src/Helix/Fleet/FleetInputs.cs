using System.Collections.Immutable;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Variants;

namespace Helix.Fleet;

/// <summary>What the fleet is told from outside; replaced whole when any of it changes.</summary>
/// <param name="Models">The library, and the self-test model.</param>
/// <param name="Coming">Models that are being fetched.</param>
/// <param name="Libraries">The build that the built-in engine runs with; null means the one that helix comes with.</param>
internal sealed record FleetInputs(HelixConfig Config, IReadOnlyList<PlannedModel> Models, IReadOnlyList<ComingModel> Coming, long MemoryBytes, EngineLibraries? Libraries = null)
{
    /// <summary>Providers that are installed, beside the built-in engine.</summary>
    public IReadOnlyList<FleetProvider> Installed { get; init; } = [];

    /// <summary>GPUs with memory of their own.</summary>
    public ImmutableArray<PlannedDevice> Devices { get; init; } = [];

    /// <summary>Engines that somebody else runs.</summary>
    public IReadOnlyList<AttachedEngine> Attached { get; init; } = [];

    public IReadOnlyList<Cloud> Clouds { get; init; } = [];

    /// <summary>Nothing may leave this machine.</summary>
    public bool IsOffline { get; init; }
}

/// <param name="Progress">One short sentence for the one who waits.</param>
/// <param name="Abilities">None where nobody knows: whoever names it waits for it, and nobody is sent to it who did not.</param>
internal sealed record ComingModel(string Id, string Progress, ModelAbilities Abilities);

/// <summary>A provider that can be started.</summary>
/// <param name="Release">Version, as listings show it.</param>
internal sealed record FleetProvider(PlannedProvider Plan, string Name, string Release, ILaunchRecipe Recipe);

/// <summary>How the fleet turns a model into a command line.</summary>
internal interface ILaunchRecipe
{
    /// <param name="run">Its size.</param>
    /// <param name="libraries">See <see cref="FleetInputs.Libraries"/>.</param>
    InstanceSpec SpecOf(PlannedModel model, Placement.Run run, BuiltinConfig config, EngineLibraries? libraries = null);

    /// <summary>The same beside the one that serves, to be tried or measured.</summary>
    InstanceSpec SpareOf(PlannedModel model, Placement.Run run, BuiltinConfig config, EngineLibraries? libraries = null);
}
