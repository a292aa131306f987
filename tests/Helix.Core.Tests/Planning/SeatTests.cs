using CsCheck;
using Helix.Core.Fleet;
using Helix.Core.Models;
using Helix.Core.Planning;

namespace Helix.Core.Tests.Planning;

/// <summary>Which provider serves which model.</summary>
public class SeatTests
{
    private const ModelAbilities Chatty = ModelAbilities.Chat | ModelAbilities.Completion;
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PlannedProvider s_builtin = new("builtin", 20, ["gguf"], [], Chatty, 100_000_000);
    private static readonly PlannedProvider s_server = new("server", 10, ["gguf"], [], Chatty, 50_000_000);
    private static readonly PlannedProvider s_old = new("old", 90, ["gguf"], ["llama"], Chatty, 50_000_000, MostSlots: 1);
    private static readonly PlannedProvider s_folders = new("folders", 10, ["safetensors"], [], Chatty, 50_000_000);
    private static readonly PlannedModel s_model = Model("m", 2);
    private static readonly PlannedModel s_selfTest = Model("helix-selftest", 0) with { IsSelfTest = true };

    [Fact]
    public void The_best_provider_serves_a_real_model_and_the_built_in_engine_the_self_test()
    {
        var plan = Make(Input());

        Assert.Equal("server", plan.Served["m"].Provider);
        Assert.Equal("builtin", plan.Served["helix-selftest"].Provider);
        Assert.IsType<Placement.Run>(plan.Of("m"));
        Assert.All(plan.Seats.Where(seat => seat.Key != plan.Served["m"]), seat => Assert.IsType<Placement.Rest>(seat.Value));
    }

    [Fact]
    public void Each_format_goes_to_who_reads_it_and_what_nobody_reads_says_so()
    {
        var plan = Make(Input(Model("folder", 3) with { Format = ModelFormat.Safetensors }, Model("apple", 4) with { Format = ModelFormat.Mlx }, s_model));

        Assert.Equal("folders", plan.Served["folder"].Provider);
        Assert.Contains("no engine", Assert.IsType<Placement.Impossible>(plan.Of("apple")).Reason, StringComparison.Ordinal);
        Assert.IsType<Placement.Run>(plan.Of("folder"));
    }

    [Fact]
    public void An_architecture_that_a_provider_does_not_know_is_not_given_to_it()
    {
        var plan = Make(Input(s_model with { Architecture = "qwen3" }));

        Assert.DoesNotContain(new Seat("old", "m"), plan.Seats.Keys);
        Assert.Contains(new Seat("server", "m"), plan.Seats.Keys);
    }

    [Fact]
    public void What_answers_goes_on_until_the_better_one_is_ready()
    {
        var input = Input() with { Ready = [new("builtin", "m")] };

        Assert.IsType<Placement.Run>(Make(input).Of(new Seat("builtin", "m")));
        Assert.IsType<Placement.Run>(Make(input).Of(new Seat("server", "m")));
        Assert.IsType<Placement.Rest>(Make(input with { Ready = [new("builtin", "m"), new("server", "m")] }).Of(new Seat("builtin", "m")));
    }

    [Fact]
    public void What_computes_for_somebody_is_left_to_end_its_answer()
    {
        var plan = Make(Input() with { Ready = [new("builtin", "m"), new("server", "m")], Answering = [new("builtin", "m")] });

        Assert.IsType<Placement.Run>(plan.Of(new Seat("builtin", "m")));
    }

    [Fact]
    public void Where_the_best_fails_again_and_again_the_next_one_serves()
    {
        var broken = Input() with { Broken = [new("server", "m")] };

        Assert.Equal("builtin", Make(broken).Served["m"].Provider);
        // and where all fail, the best one goes on trying
        Assert.Equal("server", Make(broken with { Broken = [new("server", "m"), new("builtin", "m"), new("old", "m")] }).Served["m"].Provider);
        // but where nobody brings anything back it stays with the one that failed last
        Assert.Equal("builtin", Make(broken with { Broken = [new("server", "m"), new("builtin", "m"), new("old", "m")], Down = [new("builtin", "m")] }).Served["m"].Provider);
    }

    [Fact]
    public void Stopped_by_the_user_a_provider_leaves_its_models_to_the_others()
    {
        var plan = Make(Input() with { Providers = [s_builtin, s_server with { Wish = ProviderWish.Stop }] });

        Assert.Equal("builtin", plan.Served["m"].Provider);
        Assert.Equal("helix local-llm start server", Assert.IsType<Placement.Impossible>(plan.Of(new Seat("server", "m"))).Remedy);
    }

    [Fact]
    public void A_provider_that_was_asked_for_by_name_runs_beside_the_one_that_serves()
    {
        var plan = Make(Input() with { Demands = [new("m", s_now, "old")] });

        Assert.Equal(1, Assert.IsType<Placement.Run>(plan.Of(new Seat("old", "m"))).Slots);
        Assert.IsType<Placement.Run>(plan.Of(new Seat("server", "m")));
    }

    [Fact]
    public void A_provider_that_the_user_started_runs_with_the_default_model() =>
        Assert.IsType<Placement.Run>(Make(Input() with { Providers = [s_builtin, s_server, s_old with { Wish = ProviderWish.Start }] }).Of(new Seat("old", "m")));

    [Fact]
    public void What_cannot_run_is_nobodys_default()
    {
        var plan = Make(Input(Model("huge", 9) with { Bytes = 90_000_000_000 }, Model("apple", 8) with { Format = ModelFormat.Mlx }, s_model));

        Assert.IsType<Placement.Run>(plan.Of("m"));
    }

    [Fact]
    public void Whatever_is_wanted_what_runs_fits_into_memory_and_every_model_has_its_place()
    {
        var seat = Gen.Select(Gen.Int[0, 2].Select(i => new[] { "builtin", "server", "old" }[i]), Gen.Int[0, 4]).Select((provider, model) => new Seat(provider, $"m{model}"));
        Gen.Select(Gen.Long[0, 8_000_000_000].Array[1, 5], seat.Array[0, 5], seat.Array[0, 3], seat.Array[0, 3], seat.Array[0, 3], Gen.Long[200_000_000, 20_000_000_000])
            .Sample((sizes, asked, ready, answering, broken, memory) =>
            {
                PlannedModel[] models = [.. sizes.Select((bytes, i) => Model($"m{i}", i) with { Bytes = bytes, KvBytesPerToken = 50_000 }), s_selfTest];
                var input = Input(models) with
                {
                    MemoryBytes = memory, Ready = [.. ready], Answering = [.. answering], Broken = [.. broken],
                    Demands = [.. asked.Where(wish => models.Any(model => model.Id == wish.Model)).DistinctBy(wish => wish).Select((wish, n) => new Demand(wish.Model, s_now.AddSeconds(-n), n % 2 == 0 ? wish.Provider : null))],
                };
                var plan = FleetPlan.Make(input);
                var used = plan.Seats.Sum(each => each.Value is Placement.Run run
                    ? FleetPlan.NeedBytes(models.Single(model => model.Id == each.Key.Model), input.Providers.Single(provider => provider.Id == each.Key.Provider), run.ContextPerSlot, run.Slots)
                    : 0);
                return used <= memory && models.All(model => plan.Served.ContainsKey(model.Id)) && plan.Seats.Count == models.Length * 3;
            });
    }

    private static PlannedModel Model(string id, int day) => new(id, $"/m/{id}.gguf", 1_000_000, 128, 4096, Chatty, false, s_now.AddDays(-100 + day), Architecture: "llama");

    private static PlanInput Input(params PlannedModel[] models) => new(
        models.Length > 0 ? [.. models.Where(model => !model.IsSelfTest), s_selfTest] : [s_model, s_selfTest],
        models.Any(model => model.Format != ModelFormat.Gguf) ? [s_builtin, s_server, s_old, s_folders] : [s_builtin, s_server, s_old],
        [], AutoStart: true, null, 0, 4, 16_000_000_000, s_now);

    private static Plan Make(PlanInput input) => FleetPlan.Make(input);
}
