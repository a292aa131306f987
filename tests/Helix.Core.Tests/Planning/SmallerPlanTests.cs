using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Planning;

namespace Helix.Core.Tests.Planning;

/// <summary>What ran out of memory is not started as it was.</summary>
public class SmallerPlanTests
{
    private const long Gb = 1_000_000_000;
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PlannedDevice s_card = new(Accelerator.Nvidia, 0, "RTX", 24 * Gb, new(8, 6));

    [Theory]
    [InlineData(0, 4, 8192)]
    [InlineData(1, 2, 8192)]
    [InlineData(2, 1, 8192)]
    [InlineData(3, 1, 4096)]
    [InlineData(4, 1, 2048)]
    [InlineData(9, 1, 2048)]
    public void First_slots_are_given_up_then_context(int times, int slots, int context)
    {
        var run = Run(Input(times, []));

        Assert.Equal((slots, context), (run.Slots, run.ContextPerSlot));
        Assert.Equal(times > 0, run.Why.Contains("as was seen", StringComparison.Ordinal));
    }

    [Fact]
    public void Then_layers_on_the_GPU()
    {
        var whole = Run(Input(4, [s_card]));
        var less = Run(Input(6, [s_card]));

        Assert.Equal(33, whole.Seating.GpuLayers);
        Assert.InRange(less.Seating.GpuLayers!.Value, 1, 32);
    }

    [Fact]
    public void One_that_was_made_smaller_stays_as_it_is_while_nothing_changes()
    {
        var input = Input(6, [s_card]);
        var run = Run(input);

        Assert.Equal(run.Seating, Run(input with { Placed = ImmutableDictionary<Seat, Placement.Run>.Empty.Add(new("p", "m"), run) }).Seating);
    }

    private static Placement.Run Run(PlanInput input) => Assert.IsType<Placement.Run>(FleetPlan.Make(input).Of("m"));

    private static PlanInput Input(int times, ImmutableArray<PlannedDevice> devices)
    {
        var provider = new PlannedProvider("p", 1, ["gguf"], [], ModelAbilities.Chat, Gb / 10) { On = devices.IsEmpty ? Accelerator.None : Accelerator.Nvidia, Spread = DeviceSpread.Layers };
        var model = new PlannedModel("m", "/m", 20 * Gb, 1000, 32768, ModelAbilities.Chat, false, s_now) { Layers = 32 };
        return new([model], [provider], [], true, null, 0, 4, 64 * Gb, s_now)
        {
            Devices = devices,
            Shrunk = times > 0 ? ImmutableDictionary<Seat, int>.Empty.Add(new("p", "m"), times) : ImmutableDictionary<Seat, int>.Empty,
        };
    }
}
