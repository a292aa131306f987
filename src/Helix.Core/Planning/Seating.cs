using System.Collections.Immutable;
using System.Globalization;

namespace Helix.Core.Planning;

/// <summary>Where a seat computes, and what it takes there.</summary>
/// <param name="HostBytes">Of the machine's memory.</param>
internal sealed record Seating(long HostBytes)
{
    /// <summary>The GPUs that it computes on; empty where it uses none, or one whose memory is not planned.</summary>
    public ImmutableArray<PlannedDevice> Devices { get; init; } = [];

    /// <summary>That it takes of each of them.</summary>
    public long DeviceBytes { get; init; }

    /// <summary>Of the model, on the GPUs; one more than there are means all, the output included. Null: the engine decides.</summary>
    public int? GpuLayers { get; init; }

    /// <summary>One number for each GPU that the provider could use: 1 for those that it is to use.</summary>
    public string Split { get; init; } = "";

    /// <summary>It takes a share of each GPU for itself from the first moment on, in hundredths; null: it takes what it needs.</summary>
    public int? SharePercent { get; init; }

    /// <summary>For example "0,1".</summary>
    public string Numbers => string.Join(',', Devices.Select(device => device.Index.ToString(CultureInfo.InvariantCulture)));

    /// <param name="layers">Of the model; 0 where nobody says.</param>
    /// <returns>What follows a reason; empty where there is nothing to say.</returns>
    public string Words(int layers) =>
        GpuLayers == 0 && layers == 0 ? ", on the processor: it does not fit into the GPU's memory whole"
        : GpuLayers == 0 ? ", on the processor: no layer of it fits into the GPU's memory"
        : Devices.IsEmpty ? ""
        : GpuLayers <= layers && GpuLayers is { } some ? $", with {some} of {layers} layers on {PlannedDevice.Words(Devices)} and the rest on the processor: more does not fit into the GPU's memory"
        : $", on {PlannedDevice.Words(Devices)}";
}
