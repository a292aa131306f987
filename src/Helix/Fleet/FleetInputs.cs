using Helix.Core.Configuration;
using Helix.Core.Planning;
using Helix.Variants;

namespace Helix.Fleet;

/// <summary>What the fleet is told from outside; replaced whole when any of it changes.</summary>
/// <param name="Models">The library, and the self-test model.</param>
/// <param name="Coming">A real model that is being fetched.</param>
/// <param name="Libraries">The build that engines run with; null means the one that helix comes with.</param>
internal sealed record FleetInputs(HelixConfig Config, IReadOnlyList<PlannedModel> Models, ComingModel? Coming, long MemoryBytes, EngineLibraries? Libraries = null);

/// <param name="Progress">One short sentence for the one who waits.</param>
internal sealed record ComingModel(string Id, string Progress);

/// <summary>How the fleet turns a model into a command line.</summary>
internal interface ILaunchRecipe
{
    /// <summary>Version of the engine, as listings show it.</summary>
    string Release { get; }

    /// <param name="libraries">See <see cref="FleetInputs.Libraries"/>.</param>
    InstanceSpec SpecOf(PlannedModel model, int contextPerSlot, BuiltinConfig config, EngineLibraries? libraries = null);

    /// <summary>The name that <see cref="SpecOf"/> gives the instance of a model.</summary>
    string InstanceName(string model);
}
