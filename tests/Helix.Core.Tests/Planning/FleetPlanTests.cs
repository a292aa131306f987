using System.Collections.Immutable;
using CsCheck;
using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Core.Tuning;

namespace Helix.Core.Tests.Planning;

public class FleetPlanTests
{
    private const ModelAbilities Chatty = ModelAbilities.Chat | ModelAbilities.Completion | ModelAbilities.Embeddings;
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PlannedProvider s_builtin = new("builtin", 20, ["gguf"], [], Chatty, 120L << 20);
    private static readonly PlannedModel s_selfTest = Model("helix-selftest", Chatty, 0) with { IsSelfTest = true };

    [Fact]
    public void With_no_model_at_all_the_self_test_runs() =>
        Assert.IsType<Placement.Run>(Plan([s_selfTest])["helix-selftest"]);

    [Fact]
    public void A_chat_model_takes_the_place_of_the_self_test()
    {
        var plan = Plan([Model("a", Chatty, 1), s_selfTest]);

        Assert.IsType<Placement.Run>(plan["a"]);
        Assert.IsType<Placement.Rest>(plan["helix-selftest"]);
    }

    [Fact]
    public void A_model_without_a_chat_template_runs_beside_the_self_test()
    {
        var plan = Plan([Model("base", ModelAbilities.Completion | ModelAbilities.Embeddings, 1), s_selfTest]);

        Assert.All(plan.Values, p => Assert.IsType<Placement.Run>(p));
    }

    [Fact]
    public void What_was_measured_to_be_better_is_planned_as_far_as_there_is_memory_for_it()
    {
        var seat = new Seat("builtin", "a");
        var tuned = EngineTuning.None.With("slots", "16").With("threads", "3");
        PlannedModel[] models = [Model("a", Chatty, 1) with { Bytes = 1_000_000_000, KvBytesPerToken = 100_000 }, s_selfTest];

        var roomy = Assert.IsType<Placement.Run>(Plan(models, input => input with { MemoryBytes = 100_000_000_000, Tuned = input.Tuned.Add(seat, tuned) })["a"]);
        Assert.Equal((16, tuned), (roomy.Slots, roomy.Tuned));
        Assert.DoesNotContain("does not fit", roomy.Why, StringComparison.Ordinal);

        var tight = Assert.IsType<Placement.Run>(Plan(models, input => input with { MemoryBytes = 6_000_000_000, Tuned = input.Tuned.Add(seat, tuned) })["a"]);
        Assert.InRange(tight.Slots, 1, 15);
        Assert.Contains($"with {tight.Slots} of 16 slots", tight.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_preferred_model_wins_over_a_newer_one()
    {
        var plan = Plan([Model("old", Chatty, 1), Model("new", Chatty, 2), s_selfTest], input => input with { PreferredModel = "old" });

        Assert.IsType<Placement.Run>(plan["old"]);
        Assert.IsType<Placement.Rest>(plan["new"]);
    }

    [Fact]
    public void A_model_asked_for_runs_and_rests_again_when_nobody_used_it_for_long()
    {
        PlannedModel[] models = [Model("a", Chatty, 2), Model("b", Chatty, 1), s_selfTest];

        Assert.IsType<Placement.Run>(Plan(models, input => input with { Demands = [new("b", s_now)] })["b"]);
        Assert.IsType<Placement.Rest>(Plan(models, input => input with { Demands = [new("b", s_now - FleetPlan.IdleAfter)] })["b"]);
    }

    [Fact]
    public void When_memory_is_short_the_one_asked_for_last_runs()
    {
        var big = Model("big", Chatty, 2) with { Bytes = 6_000_000_000 };
        var other = Model("other", Chatty, 1) with { Bytes = 6_000_000_000 };

        var plan = Plan([big, other, s_selfTest], input => input with { MemoryBytes = 10_000_000_000, Demands = [new("other", s_now)] });

        Assert.IsType<Placement.Run>(plan["other"]);
        Assert.IsType<Placement.Rest>(plan["big"]);
    }

    [Fact]
    public void A_model_that_answers_keeps_its_memory_and_the_one_that_is_wanted_says_for_whom_it_waits()
    {
        PlannedModel[] models = [Model("big", Chatty, 2) with { Bytes = 6_000_000_000 }, Model("other", Chatty, 1) with { Bytes = 6_000_000_000 }, s_selfTest];
        Demand[] demands = [new("big", s_now.AddMinutes(-20)), new("other", s_now)];

        var plan = Plan(models, input => input with { MemoryBytes = 10_000_000_000, Demands = demands, Answering = [new("builtin", "big")] });

        Assert.IsType<Placement.Run>(plan["big"]);
        Assert.Equal(new Placement.Rest("waits for memory until big has answered", IsAwaited: true) { LacksMemory = true }, plan["other"]);
        Assert.False(Assert.IsType<Placement.Rest>(Plan(models, input => input with { MemoryBytes = 10_000_000_000, Now = s_now + FleetPlan.WaitsFor, Demands = demands, Answering = [new("builtin", "big")] })["other"]).IsAwaited);
    }

    [Fact]
    public void What_is_started_for_somebody_is_not_ended_for_the_next_and_of_those_who_wait_the_first_is_next()
    {
        PlannedModel[] models = [Model("a", Chatty, 3) with { Bytes = 6_000_000_000 }, Model("b", Chatty, 2) with { Bytes = 6_000_000_000 }, Model("c", Chatty, 1) with { Bytes = 6_000_000_000 }, s_selfTest];
        Demand[] demands = [Waiting("a", 3, 3), Waiting("b", 0, 1), Waiting("c", 0.5, 2)];
        var placed = ImmutableDictionary<Seat, Placement.Run>.Empty.Add(new("builtin", "a"), Assert.IsType<Placement.Run>(Plan(models, input => input with { MemoryBytes = 10_000_000_000, Demands = [demands[0]] })["a"]));

        var starting = Plan(models, input => input with { MemoryBytes = 10_000_000_000, Demands = demands, Placed = placed, Coming = [new("builtin", "a")] });
        Assert.IsType<Placement.Run>(starting["a"]);
        Assert.True(Assert.IsType<Placement.Rest>(starting["c"]).IsAwaited);

        var over = Plan(models, input => input with { MemoryBytes = 10_000_000_000, Demands = [new("a", s_now.AddSeconds(-0.1)), .. demands[1..]], Placed = placed, Ready = [new("builtin", "a")] });
        Assert.IsType<Placement.Run>(over["c"]);
        Assert.All((string[])["a", "b"], id => Assert.IsType<Placement.Rest>(over[id]));

        static Demand Waiting(string model, double askedAgo, double waitsFor) => new(model, s_now.AddSeconds(-askedAgo)) { WaitingSince = s_now.AddSeconds(-waitsFor) };
    }

    [Fact]
    public void Where_one_of_a_provider_runs_at_a_time_the_model_asked_for_last_has_it_and_the_other_says_why_not()
    {
        PlannedModel[] models = [Model("a", Chatty, 2), Model("b", Chatty, 1), s_selfTest];
        var only = new PlannedProvider("lmstudio", 10, ["gguf"], [], Chatty, 0) { MostInstances = 1 };
        Demand[] demands = [new("a", s_now.AddSeconds(-2)), new("b", s_now)];

        var seats = Make(models, input => input with { Providers = [only, s_builtin], Demands = demands }).Seats;
        Assert.IsType<Placement.Run>(seats[new("lmstudio", "b")]);
        Assert.Equal("lmstudio runs one model at a time, and others are more wanted", seats[new("lmstudio", "a")].WhyNot);

        var answering = Make(models, input => input with { Providers = [only, s_builtin], Demands = demands, Answering = [new("lmstudio", "a")] }).Seats;
        Assert.IsType<Placement.Run>(answering[new("lmstudio", "a")]);
        Assert.True(Assert.IsType<Placement.Rest>(answering[new("lmstudio", "b")]).IsAwaited);
    }

    [Fact]
    public void A_model_that_can_never_fit_says_so_with_both_numbers()
    {
        var plan = Plan([Model("huge", Chatty, 1) with { Bytes = 70_000_000_000 }, s_selfTest], input => input with { MemoryBytes = 8_000_000_000 });

        var impossible = Assert.IsType<Placement.Impossible>(plan["huge"]);
        Assert.Contains("8.0 GB", impossible.Reason);
        Assert.Contains("70", impossible.Reason);
    }

    [Theory]
    [InlineData(9_000_000_000, 4, 4096)]
    [InlineData(8_000_000_000, 3, 4096)]
    [InlineData(6_000_000_000, 1, 4096)]
    [InlineData(5_600_000_000, 1, 2048)]
    public void On_a_small_machine_slots_and_then_context_are_given_up_before_the_model_is(long memory, int slots, int context)
    {
        var model = Model("a", Chatty, 1) with { Bytes = 5_000_000_000, KvBytesPerToken = 200_000 };

        var run = Assert.IsType<Placement.Run>(Plan([model, s_selfTest], input => input with { MemoryBytes = memory })["a"]);

        Assert.Equal((slots, context), (run.Slots, run.ContextPerSlot));
        Assert.Equal(slots < 4, run.Why.Contains($"with {slots} of 4 slots and {context} tokens", StringComparison.Ordinal));
    }

    [Fact]
    public void Stopped_by_the_user_nothing_runs_and_the_reason_says_how_to_start() =>
        Assert.Contains("helix local-llm start builtin", Assert.IsType<Placement.Impossible>(Plan([s_selfTest], i => i with { Providers = [s_builtin with { Wish = ProviderWish.Stop }] })["helix-selftest"]).Remedy);

    [Fact]
    public void Without_auto_start_it_waits_for_the_user()
    {
        Assert.IsType<Placement.Impossible>(Plan([s_selfTest], i => i with { AutoStart = false })["helix-selftest"]);
        Assert.IsType<Placement.Run>(Plan([s_selfTest], i => i with { AutoStart = false, Providers = [s_builtin with { Wish = ProviderWish.Start }] })["helix-selftest"]);
    }

    [Fact]
    public void What_runs_together_always_fits_into_memory_and_every_model_is_accounted_for()
    {
        var gen = Gen.Select(Gen.Long[0, 8_000_000_000].Array[0, 6], Gen.Int[0, 6].Array[0, 6], Gen.Long[100_000_000, 20_000_000_000]);
        gen.Sample((sizes, asked, memory) =>
        {
            var models = sizes.Select((bytes, i) => Model($"m{i}", Chatty, i) with { Bytes = bytes, KvBytesPerToken = 100_000 }).Append(s_selfTest).ToArray();
            var input = Input(models) with { MemoryBytes = memory, Demands = [.. asked.Where(i => i < models.Length).Select((i, n) => new Demand(models[i].Id, s_now.AddSeconds(-n)))] };
            var plan = FleetPlan.Make(input);
            var used = models.Sum(m => plan.Of(m.Id) is Placement.Run run ? FleetPlan.NeedBytes(m, s_builtin, run.ContextPerSlot, run.Slots) : 0);
            return plan.Seats.Count == models.Length && used <= memory;
        });
    }

    private static PlannedModel Model(string id, ModelAbilities abilities, int addedDay) =>
        new(id, $"/m/{id}.gguf", 1_000_000, 128, 4096, abilities, false, s_now.AddDays(-100 + addedDay));

    private static PlanInput Input(IReadOnlyList<PlannedModel> models) =>
        new(models, [s_builtin], [], AutoStart: true, null, 0, 4, 16_000_000_000, s_now);

    private static ImmutableDictionary<string, Placement> Plan(IReadOnlyList<PlannedModel> models, Func<PlanInput, PlanInput>? change = null) =>
        Make(models, change).Served.ToImmutableDictionary(served => served.Key, served => Make(models, change).Seats[served.Value]);

    private static Plan Make(IReadOnlyList<PlannedModel> models, Func<PlanInput, PlanInput>? change = null) => FleetPlan.Make((change ?? (i => i))(Input(models)));
}
