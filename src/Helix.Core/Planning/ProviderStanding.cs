using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Core.Planning;

/// <summary>Where a provider stands that helix does not run.</summary>
/// <param name="Reason">In a user's words.</param>
internal sealed record ProviderStanding(ProviderState State, string Reason)
{
    /// <summary>Of one that the user runs himself.</summary>
    public static ProviderStanding OfAttached(Manifest manifest, MachineFacts machine) => Feasibility.Of(manifest, machine) switch
    {
        Feasibility.NotPossible impossible => new(ProviderState.Unsupported, $"not possible here, because it {impossible.Words}"),
        _ => new(ProviderState.Available, "used while you run it: switch its server on, or name it with: helix local-llm attach URL --key KEY"),
    };
}
