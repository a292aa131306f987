using System.Collections.Immutable;

namespace Helix.Core.Planning;

/// <summary>Memory that is still to be given out: the machine's, and each GPU's own.</summary>
internal sealed record MemoryPools(long Host, ImmutableDictionary<PlannedDevice, long> Devices)
{
    /// <summary>All that engines may use.</summary>
    public static MemoryPools Of(long hostBytes, ImmutableArray<PlannedDevice> devices) => new(hostBytes, devices.ToImmutableDictionary(device => device, device => device.UsableBytes));

    public bool Holds(Seating seating) => seating.HostBytes <= Host && seating.Devices.All(device => seating.DeviceBytes <= Devices.GetValueOrDefault(device));

    /// <summary>The same with only a share of what is left on each GPU.</summary>
    public MemoryPools OnDevices(double share) => share == 1 ? this : this with { Devices = Devices.ToImmutableDictionary(device => device.Key, device => (long)(device.Value * share)) };

    /// <summary>What is left; less than nothing where more was taken than there is.</summary>
    public MemoryPools Without(Seating seating) => new(
        Host - seating.HostBytes,
        Devices.SetItems(seating.Devices.Where(Devices.ContainsKey).Select(device => KeyValuePair.Create(device, Devices[device] - seating.DeviceBytes))));
}
