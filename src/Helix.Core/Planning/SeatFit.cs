using System.Collections.Immutable;

namespace Helix.Core.Planning;

/// <summary>What a model asks for at a provider.</summary>
/// <param name="IsWhole">All of it lies where the provider computes; else some layers are left to the processor.</param>
/// <param name="Alone">Where it would compute if nothing else ran.</param>
internal sealed record SeatSize(int Context, int Slots, bool IsWhole, Seating Alone)
{
    /// <summary>Of the room on GPUs, that it may take; less than 1 where it ran out of it before.</summary>
    public double DeviceShare { get; init; } = 1;
}

/// <summary>Finds the place of a seat: the smallest set of equal GPUs that holds it, or the machine's memory.</summary>
internal static class SeatFit
{
    /// <summary>So many layers are all of them, for a model that does not say how many it has.</summary>
    private const int AllLayers = 999;

    /// <summary>No model that needs several GPUs has fewer.</summary>
    private const int LeastLayers = 16;

    /// <param name="free">What may be given to it.</param>
    /// <param name="whole">All of it must lie where the provider computes.</param>
    /// <returns>Null where it has no place.</returns>
    public static Seating? Find(PlannedModel model, PlannedProvider provider, int context, int slots, MemoryPools free, bool whole)
    {
        var all = FleetPlan.NeedBytes(model, provider, context, slots);
        var reach = DevicesOf(model, provider, free.Devices.Keys);
        var place = reach.IsEmpty ? new Seating(provider.Measured.Of(provider.SeatOf(model, context, slots), all - provider.ProcessBytes) ?? all)
            : whole ? Whole(model, provider, all - provider.ProcessBytes, reach, free)
            : Partly(model, provider, all, reach, free);
        return place is not null && free.Holds(place) ? place : null;
    }

    /// <summary>GPUs that a provider can give a model to, in the machine's order.</summary>
    public static ImmutableArray<PlannedDevice> DevicesOf(PlannedModel model, PlannedProvider provider, IEnumerable<PlannedDevice> devices) =>
        // the self-test is to answer always: the built-in engine computes it on the processor
        (model.IsSelfTest || model.FailedOnDevice) && provider.Id == PlannedProvider.Builtin ? []
        : [.. devices.Where(provider.Reaches).OrderBy(device => device.Kind).ThenBy(device => device.Index)];

    /// <summary>One that runs goes on where it is: its GPUs are there as before, and nobody who is more urgent has their memory.</summary>
    public static bool Stays(PlannedModel model, PlannedProvider provider, SeatSize size, Placement.Run run, MemoryPools free) =>
        (run.ContextPerSlot, run.Slots) == (size.Context, size.Slots) && run.Seating is var seating && free.Holds(seating)
        && (seating.GpuLayers is null || seating.GpuLayers > model.Layers) == size.IsWhole
        && DevicesOf(model, provider, free.Devices.Keys) is { IsEmpty: false } reach && seating.Devices.All(reach.Contains)
        && (!seating.Devices.IsEmpty || seating.GpuLayers == 0);

    private static Seating? Whole(PlannedModel model, PlannedProvider provider, long bytes, ImmutableArray<PlannedDevice> reach, MemoryPools free)
    {
        // the biggest first: they are the fastest, as a rule
        var groups = GroupsOf(reach).OrderByDescending(group => group[0].MemoryBytes).ToArray();
        for (var count = 1; count <= (provider.Spread == DeviceSpread.One ? 1 : reach.Length); count++)
        {
            if (provider.Spread == DeviceSpread.Tensor && (count & (count - 1)) != 0) continue;
            foreach (var group in groups.Where(group => group.Length >= count))
            {
                // a layer is not cut in two: one more on some of them than on others
                var uneven = count > 1 && provider.Spread == DeviceSpread.Layers ? Each(bytes, model.Layers > 0 ? model.Layers : LeastLayers) : 0;
                var (taken, percent) = Taken(Each(bytes, count) + uneven + provider.DeviceBytes, group[0], provider);
                var chosen = MostFree(group, count, free);
                if (chosen.Any(device => free.Devices[device] < taken)) continue;
                return new(provider.ProcessBytes)
                {
                    Devices = chosen, DeviceBytes = taken, SharePercent = percent, Split = SplitOf(reach, chosen),
                    GpuLayers = provider.Spread == DeviceSpread.Layers ? model.Layers > 0 ? model.Layers + 1 : AllLayers : null,
                };
            }
        }

        return null;
    }

    /// <summary>As many layers as fit, the rest in the machine's memory.</summary>
    private static Seating? Partly(PlannedModel model, PlannedProvider provider, long all, ImmutableArray<PlannedDevice> reach, MemoryPools free)
    {
        if (provider.Spread != DeviceSpread.Layers) return null;
        var none = new Seating(all) { GpuLayers = 0 };
        if (model.Layers == 0) return none;
        var layer = Each(all - provider.ProcessBytes, model.Layers);
        var ways =
            from @group in GroupsOf(reach)
            from count in Enumerable.Range(1, @group.Length)
            let chosen = MostFree(@group, count, free)
            let room = Math.Max(0, chosen.Min(device => free.Devices[device]) - provider.DeviceBytes) / Math.Max(1, layer)
            let layers = (int)Math.Min(model.Layers - 1, room * count)
            where layers > 0
            orderby layers descending, count
            select new Seating(Math.Max(provider.ProcessBytes, all - (layers * layer)))
            {
                Devices = chosen, DeviceBytes = (Each(layers, count) * layer) + provider.DeviceBytes, GpuLayers = layers, Split = SplitOf(reach, chosen),
            };
        return ways.FirstOrDefault() ?? none;
    }

    /// <summary>Those that compute alike.</summary>
    private static IEnumerable<ImmutableArray<PlannedDevice>> GroupsOf(ImmutableArray<PlannedDevice> reach) =>
        reach.GroupBy(device => (device.Kind, device.Name, device.MemoryBytes)).Select(group => group.ToImmutableArray());

    /// <summary>Two models on two GPUs disturb each other less than on one.</summary>
    private static ImmutableArray<PlannedDevice> MostFree(ImmutableArray<PlannedDevice> group, int count, MemoryPools free) =>
        [.. group.OrderByDescending(device => free.Devices[device]).ThenBy(device => device.Index).Take(count).OrderBy(device => device.Index)];

    /// <summary>What is really taken of a GPU: an engine that reserves a share is told it in whole hundredths.</summary>
    private static (long Bytes, int? Percent) Taken(long bytes, PlannedDevice device, PlannedProvider provider)
    {
        if (!provider.ReservesShare) return (bytes, null);
        var hundredth = Math.Max(1, device.MemoryBytes / 100);
        var percent = Each(bytes, hundredth);
        return (percent * hundredth, (int)Math.Min(100, percent));
    }

    private static string SplitOf(ImmutableArray<PlannedDevice> reach, ImmutableArray<PlannedDevice> chosen) => string.Join(',', reach.Select(device => chosen.Contains(device) ? "1" : "0"));

    private static long Each(long bytes, long parts) => (bytes + parts - 1) / parts;
}
