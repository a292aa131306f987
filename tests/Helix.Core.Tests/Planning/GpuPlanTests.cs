using System.Collections.Immutable;
using CsCheck;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Core.Models;
using Helix.Core.Planning;

namespace Helix.Core.Tests.Planning;

/// <summary>What lies on which GPU.</summary>
public class GpuPlanTests
{
    private const ModelAbilities Chatty = ModelAbilities.Chat | ModelAbilities.Completion;
    private const long Gb = 1_000_000_000;

    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly PlannedProvider s_layers = new("layers", 10, ["gguf"], [], Chatty, Gb / 10) { On = Accelerator.Nvidia, Spread = DeviceSpread.Layers };
    private static readonly PlannedProvider s_tensor = new("tensor", 20, ["safetensors"], [], Chatty, 2 * Gb) { On = Accelerator.Nvidia, Spread = DeviceSpread.Tensor, ReservesShare = true, DeviceBytes = 3 * Gb, Capability = new(7, 5) };
    private static readonly PlannedProvider s_single = new("single", 30, ["safetensors"], [], Chatty, Gb) { On = Accelerator.Nvidia };
    private static readonly PlannedProvider s_processor = new("builtin", 40, ["gguf"], [], Chatty, Gb / 10);

    [Fact]
    public void A_model_that_fits_lies_on_one_GPU_with_all_its_layers_and_leaves_the_machines_memory_alone()
    {
        var run = Run(Input(Cards(4, 24), Model("m", 15)), "m");

        Assert.Equal(("0", 33, "1,0,0,0"), (run.Seating.Numbers, run.Seating.GpuLayers, run.Seating.Split));
        Assert.Equal(s_layers.ProcessBytes, run.Seating.HostBytes);
        Assert.EndsWith(", on NVIDIA RTX", run.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_computes_on_a_GPU_serves_before_whoever_leaves_it_idle()
    {
        var input = Input(Cards(1, 24), Model("m", 15)) with { Providers = [s_processor with { Preference = 1 }, s_layers] };

        Assert.Equal("layers", FleetPlan.Make(input).Served["m"].Provider);
        Assert.Equal("builtin", FleetPlan.Make(input with { Devices = [] }).Served["m"].Provider);
    }

    [Fact]
    public void A_model_that_does_not_say_how_many_layers_it_has_is_spread_all_the_same()
    {
        var model = Model("m", 30) with { Layers = 0 };

        Assert.Equal("0,1", Run(Input(Cards(2, 24), model), "m").Seating.Numbers);
        Assert.Contains("on the processor: it does not fit into the GPU's memory whole", Run(Input(Cards(1, 24), model), "m").Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_models_on_two_GPUs_do_not_meet()
    {
        var plan = FleetPlan.Make(Input(Cards(2, 24), Model("a", 15), Model("b", 4)) with { Demands = [new("a", s_now), new("b", s_now.AddSeconds(-1))] });

        Assert.Equal(["0", "1"], new[] { "a", "b" }.Select(id => Assert.IsType<Placement.Run>(plan.Of(id)).Seating.Numbers));
    }

    [Theory]
    [InlineData(40, "0,1,2", null)]
    [InlineData(200, "0,1,2,3,4,5,6,7", "with 24 of 32 layers on 8 × NVIDIA RTX")]
    public void A_larger_model_is_spread_over_as_few_GPUs_as_hold_it_and_what_is_left_goes_to_the_processor(int gigabytes, string devices, string? words)
    {
        var run = Run(Input(Cards(8, 24), Model("m", gigabytes)), "m");

        Assert.Equal(devices, run.Seating.Numbers);
        if (words is not null) Assert.Contains(words, run.Why, StringComparison.Ordinal);
        Assert.Equal(words is null, run.Seating.GpuLayers == 33);
    }

    [Theory]
    [InlineData(20, 1)]
    [InlineData(70, 2)]
    [InlineData(140, 4)]
    [InlineData(400, 8)]
    public void In_tensor_parallel_two_four_or_eight_GPUs_compute_together(int gigabytes, int count)
    {
        var run = Run(Input(Cards(8, 80), Model("m", gigabytes) with { Format = ModelFormat.Safetensors }), "m");

        Assert.Equal(count, run.Seating.Devices.Length);
        Assert.InRange(run.Seating.SharePercent!.Value * 80 * Gb / 100 * count, gigabytes * Gb, count * 80 * Gb / 100 * 92);
    }

    [Fact]
    public void Three_GPUs_are_two_for_an_engine_that_computes_in_tensor_parallel() =>
        Assert.Contains("tensor can use 3 ×", Assert.IsType<Placement.Impossible>(FleetPlan.Make(Input(Cards(3, 24), Model("m", 60) with { Format = ModelFormat.Safetensors })).Of("m")).Reason, StringComparison.Ordinal);

    [Fact]
    public void GPUs_that_are_not_alike_or_too_old_are_not_put_together()
    {
        ImmutableArray<PlannedDevice> mixed = [Card(0, 24), Card(1, 12) with { Name = "NVIDIA small" }, Card(2, 48) with { Name = "NVIDIA old", Capability = new(6, 1) }];

        Assert.Equal("0", Run(Input(mixed, Model("m", 15) with { Format = ModelFormat.Safetensors }), "m").Seating.Numbers);
        Assert.IsType<Placement.Impossible>(FleetPlan.Make(Input(mixed, Model("m", 28) with { Format = ModelFormat.Safetensors }) with { Providers = [s_tensor] }).Of("m"));
    }

    [Fact]
    public void The_share_of_two_engines_on_one_GPU_is_never_more_than_the_whole()
    {
        var input = Input(Cards(1, 24), Model("a", 5) with { Format = ModelFormat.Safetensors }, Model("b", 5) with { Format = ModelFormat.Safetensors });
        var plan = FleetPlan.Make(input with { Demands = [new("a", s_now), new("b", s_now)] });

        Assert.InRange(new[] { "a", "b" }.Sum(id => Assert.IsType<Placement.Run>(plan.Of(id)).Seating.SharePercent!.Value), 60, 92);
    }

    [Fact]
    public void What_answers_on_a_GPU_stays_and_what_is_wanted_waits_for_it()
    {
        var input = Input(Cards(1, 24), Model("a", 15), Model("b", 15));
        var first = Run(input with { Demands = [new("a", s_now)] }, "a");
        var later = input with { Placed = Placed("a", first), Answering = [new("layers", "a")], Demands = [new("a", s_now.AddMinutes(-5)), new("b", s_now)] };

        Assert.Equal(first.Seating.Numbers, Run(later, "a").Seating.Numbers);
        Assert.Equal("waits for memory until a has answered", Assert.IsType<Placement.Rest>(FleetPlan.Make(later).Of("b")).Why);
        Assert.IsType<Placement.Run>(FleetPlan.Make(later with { Answering = [] }).Of("b"));
    }

    [Fact]
    public void A_new_model_takes_the_GPU_that_is_free_and_the_old_one_stays_where_it_is()
    {
        var input = Input(Cards(2, 24), Model("a", 15), Model("b", 15));
        var alone = Run(input with { Demands = [new("b", s_now)] }, "b");
        var there = alone with { Seating = alone.Seating with { Devices = [Card(0, 24)], Split = "1,0" } };
        var plan = FleetPlan.Make(input with { Placed = Placed("b", there), Demands = [new("a", s_now), new("b", s_now.AddMinutes(-5))] });

        Assert.Equal(("1", "0"), (Assert.IsType<Placement.Run>(plan.Of("a")).Seating.Numbers, Assert.IsType<Placement.Run>(plan.Of("b")).Seating.Numbers));
    }

    [Fact]
    public void A_GPU_that_shares_the_machines_memory_or_does_not_tell_its_own_is_not_planned_apart()
    {
        var machine = new MachineFacts("linux", "x64", null, null, 16 * Gb, null,
            [new(Accelerator.Amd, "in the processor", 512 << 20, null, null), new(Accelerator.Nvidia, "silent", null, null, null), new(Accelerator.Nvidia, "NVIDIA RTX", 24 * Gb, null, null), new(Accelerator.Apple, "Apple", 24 * Gb, null, null)], true, false);

        Assert.Equal([new PlannedDevice(Accelerator.Nvidia, 1, "NVIDIA RTX", 24 * Gb)], PlannedDevice.Of(machine));
        Assert.Equal((null, ""), (Run(Input([], Model("m", 15)), "m").Seating.GpuLayers, Run(Input([], Model("m", 15)), "m").Seating.Numbers));
    }

    private static readonly Gen<PlanInput> s_inputs =
        from sizes in Gen.Select(Gen.Long[Gb / 2, 150 * Gb], Gen.Int[0, 80], Gen.Bool).Array[1, 6]
        from cards in Gen.Select(Gen.Int[0, 2].Select(kind => new[] { 12, 24, 80 }[kind]), Gen.Int[1, 4]).Array[0, 2]
        from host in Gen.Long[Gb, 128 * Gb]
        from asked in Gen.Int[0, 5].Array[0, 6]
        select Input(
            [.. cards.DistinctBy(card => card.Item1).SelectMany(card => Enumerable.Repeat(card.Item1, card.Item2)).Select((gigabytes, index) => Card(index, gigabytes) with { Name = $"NVIDIA {gigabytes}" })],
            [.. sizes.Select((size, i) => Model($"m{i}", 1) with { Bytes = size.Item1, Layers = size.Item2, Format = size.Item3 ? ModelFormat.Gguf : ModelFormat.Safetensors })]) with
        {
            MemoryBytes = host,
            Demands = [.. asked.Distinct().Where(i => i < sizes.Length).Select((i, n) => new Demand($"m{i}", s_now.AddSeconds(-n)))],
        };

    [Fact]
    public void No_memory_is_ever_given_twice_and_the_same_machine_gets_the_same_plan() => s_inputs.Sample(input =>
    {
        var plan = FleetPlan.Make(input);
        return Fits(plan, input) && Shown(plan) == Shown(FleetPlan.Make(input));
    });

    [Fact]
    public void Whoever_answers_stays_on_his_GPUs_whatever_is_asked_for_next() => Gen.Select(s_inputs, Gen.Int[0, 5].Array[1, 4]).Sample((input, next) =>
    {
        var before = Runs(FleetPlan.Make(input));
        Demand[] demands = [.. next.Distinct().Where(i => i < input.Models.Count).Select((i, n) => new Demand($"m{i}", s_now.AddMinutes(1).AddSeconds(-n)))];
        var answering = before.Keys.Order(Comparer<Seat>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name))).Take(2).ToImmutableHashSet();
        var later = input with { Placed = before, Answering = answering, Ready = [.. before.Keys], Demands = [.. demands, .. input.Demands.Where(old => demands.All(each => each.Model != old.Model))], Now = s_now.AddMinutes(1) };
        var plan = FleetPlan.Make(later);
        return Fits(plan, later) && answering.All(seat => plan.Of(seat) is Placement.Run run && run.Seating.Numbers == before[seat].Seating.Numbers && run.Seating.GpuLayers == before[seat].Seating.GpuLayers && run.Seating.SharePercent == before[seat].Seating.SharePercent);
    });

    private static bool Fits(Plan plan, PlanInput input)
    {
        var left = Runs(plan).Values.Aggregate(input.Pools, (pools, run) => pools.Without(run.Seating));
        return left.Host >= 0 && left.Devices.Values.All(free => free >= 0)
            && Runs(plan).All(each => each.Value.Seating.Devices.Length is var count && (each.Key.Provider != "tensor" || (count & (count - 1)) == 0) && each.Value.Seating.Devices.Select(device => device.Name).Distinct().Count() <= 1);
    }

    private static ImmutableDictionary<Seat, Placement.Run> Runs(Plan plan) =>
        plan.Seats.Where(seat => seat.Value is Placement.Run).ToImmutableDictionary(seat => seat.Key, seat => (Placement.Run)seat.Value);

    private static string Shown(Plan plan) =>
        string.Join('\n', plan.Seats.OrderBy(seat => seat.Key.Name, StringComparer.Ordinal).Select(seat => $"{seat.Key} {seat.Value.WhyNot ?? ((Placement.Run)seat.Value).Why} {(seat.Value as Placement.Run)?.Seating.Numbers}"));

    private static ImmutableDictionary<Seat, Placement.Run> Placed(string model, Placement.Run run) => ImmutableDictionary<Seat, Placement.Run>.Empty.Add(new("layers", model), run);

    private static Placement.Run Run(PlanInput input, string model) => Assert.IsType<Placement.Run>(FleetPlan.Make(input).Of(model));

    private static ImmutableArray<PlannedDevice> Cards(int count, int gigabytes) => [.. Enumerable.Range(0, count).Select(index => Card(index, gigabytes))];

    private static PlannedDevice Card(int index, int gigabytes) => new(Accelerator.Nvidia, index, "NVIDIA RTX", gigabytes * Gb, new(8, 6));

    private static PlannedModel Model(string id, int gigabytes) => new(id, $"/m/{id}", gigabytes * Gb, 50_000, 8192, Chatty, false, s_now.AddDays(-1)) { Layers = 32 };

    private static PlanInput Input(ImmutableArray<PlannedDevice> devices, params PlannedModel[] models) =>
        new(models, [s_layers, s_tensor, s_single, s_processor], [], AutoStart: true, null, 0, 4, 64 * Gb, s_now) { Devices = devices };
}
