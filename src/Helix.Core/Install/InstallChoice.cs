using System.Collections.Immutable;
using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Core.Install;

/// <summary>A way to install that suits a machine.</summary>
/// <param name="Asset">The file for it; null where the way has none.</param>
internal sealed record InstallChoice(InstallWay Way, Asset? Asset)
{
    /// <summary>The ways that suit, the best first: the others are what is left when one fails.</summary>
    /// <param name="on">What it is to compute on.</param>
    public static ImmutableArray<InstallChoice> Of(Manifest manifest, MachineFacts machine, Accelerator on) =>
    [
        .. manifest.Install
            .Where(way => way.Kind is not (InstallKind.Attach or InstallKind.BuiltIn) && (way.Accelerators.IsEmpty || way.Accelerators.Contains(on)))
            .Select(way => new InstallChoice(way, way.Assets.FirstOrDefault(asset => Suits(asset, machine, on))))
            .Where(choice => choice.Way.Assets.IsEmpty || choice.Asset is not null),
    ];

    private static bool Suits(Asset asset, MachineFacts machine, Accelerator on) =>
        asset.Os == machine.Os && asset.Architectures.Contains(machine.Architecture) && (asset.Accelerator is null || asset.Accelerator == on);
}
