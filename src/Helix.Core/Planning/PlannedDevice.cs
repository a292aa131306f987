using System.Collections.Immutable;
using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Core.Planning;

/// <summary>A GPU with memory of its own, as the plan sees it.</summary>
/// <param name="Index">Among those of its kind, in the order in which the driver numbers them.</param>
/// <param name="Capability">Null where nobody says.</param>
internal sealed record PlannedDevice(Accelerator Kind, int Index, string Name, long MemoryBytes, Version? Capability = null)
{
    /// <summary>What says to have less than this takes its memory from the machine's: a GPU inside a processor.</summary>
    private const long LeastBytes = 2_000_000_000;

    /// <summary>The rest is the driver's and the screen's. vLLM's own default is the same share.</summary>
    private const int UsablePercent = 92;

    /// <summary>What engines may use of it together.</summary>
    public long UsableBytes => MemoryBytes / 100 * UsablePercent;

    /// <summary>Those whose memory is known and their own. Apple's share the machine's, which is planned in any case.</summary>
    public static ImmutableArray<PlannedDevice> Of(MachineFacts machine) =>
    [
        .. machine.Gpus.GroupBy(gpu => gpu.Kind).Where(kind => kind.Key != Accelerator.Apple)
            .SelectMany(kind => kind.Select((gpu, index) => new PlannedDevice(gpu.Kind, index, gpu.Name, gpu.MemoryBytes ?? 0, gpu.ComputeCapability)))
            .Where(device => device.MemoryBytes >= LeastBytes),
    ];

    /// <summary>For example "NVIDIA L4" or "2 × NVIDIA L4".</summary>
    public static string Words(ImmutableArray<PlannedDevice> devices) => devices.Length == 1 ? devices[0].Name : $"{devices.Length} × {devices[0].Name}";
}
