using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Core.Planning;

/// <summary>Where a provider stands that helix does not run.</summary>
/// <param name="Reason">In a user's words.</param>
internal sealed record ProviderStanding(ProviderState State, string Reason)
{
    public static ProviderStanding Of(Manifest manifest, MachineFacts machine) => Feasibility.Of(manifest, machine) switch
    {
        Feasibility.NotPossible impossible => new(ProviderState.Unsupported, $"not possible here, because it {impossible.Words}"),
        Feasibility.Possible when manifest.IsAttached => new(ProviderState.Available, "can be used here while you run it; this version of helix cannot attach it yet"),
        Feasibility.Possible(var on, { IsEmpty: true }) => new(ProviderState.Available, $"fits this machine, on {on}; this version of helix cannot install it yet"),
        Feasibility.Possible(var on, var unknown) => new(
            ProviderState.Available, $"may fit this machine, on {on}; it is not known {string.Join(", ", unknown)}; this version of helix cannot install it yet"),
        _ => throw new InvalidOperationException("it is possible or not"),
    };
}
