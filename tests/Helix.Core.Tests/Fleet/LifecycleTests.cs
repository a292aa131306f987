using CsCheck;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Healing;
using Helix.Core.Planning;

namespace Helix.Core.Tests.Fleet;

public class LifecycleTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LifecyclePolicy s_policy = LifecyclePolicy.For(new HealthConfig(), 0, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5));

    [Fact]
    public void No_sequence_of_happenings_ever_runs_two_processes() =>
        Worlds.Sample(moves =>
        {
            var world = new World(s_policy);
            foreach (var move in moves)
            {
                world.Make(move);
                if (world.Alive.Count > 1) return false;
            }

            return true;
        });

    [Fact]
    public void One_that_is_wanted_and_does_not_run_always_has_something_under_way() =>
        Worlds.Sample(moves =>
        {
            var world = new World(s_policy);
            foreach (var move in moves) world.Make(move);
            return !world.Life.Wanted || world.Life.HasProcess || world.Pending.OfType<Effect.Wake>().Any(w => w.For == WakeFor.Restart && w.Generation == world.Life.Generation);
        });

    [Fact]
    public void Whatever_happened_one_that_is_left_alone_with_a_good_engine_becomes_what_is_wanted() =>
        Worlds.Sample(moves =>
        {
            var world = new World(s_policy);
            foreach (var move in moves) world.Make(move);
            for (var turn = 0; turn < 50; turn++) world.Settle();
            return world.Life.Wanted ? world.Life.Phase == Phase.Ready && world.Alive.Count == 1 : world.Life.Phase == Phase.Stopped && world.Alive.Count == 0;
        });

    [Fact]
    public void A_late_answer_about_an_earlier_process_changes_nothing()
    {
        var life = Life.New(s_start) with { Phase = Phase.Ready, Wanted = true, Generation = 4 };

        var step = Next(life, new Happening.Exited(3, new("gone", false)));

        Assert.Equal(life, step.Life);
        Assert.Empty(step.Effects);
    }

    [Fact]
    public void One_missed_look_never_restarts_it_and_three_in_a_row_do()
    {
        var life = Life.New(s_start) with { Phase = Phase.Ready, Wanted = true, Generation = 1, ReadySince = s_start };
        var unwell = new Happening.Looked(1, new Verdict.Unwell(HealthStep.Endpoint, "nothing listens"));

        var first = Next(life, unwell);
        Assert.Equal(Phase.Degraded, first.Life.Phase);
        Assert.DoesNotContain(first.Effects, e => e is Effect.Terminate);

        var third = Next(Next(first.Life, unwell).Life, unwell);
        Assert.Contains(new Effect.Terminate(1), third.Effects);
        Assert.Contains("3 times in a row", third.Life.Reason);
    }

    [Fact]
    public void A_good_look_takes_back_the_strikes()
    {
        var life = Life.New(s_start) with { Phase = Phase.Degraded, Wanted = true, Generation = 1, Strikes = 2, ReadySince = s_start };

        var step = Next(life, new Happening.Looked(1, new Verdict.Healthy()));

        Assert.Equal((Phase.Degraded, 0), (step.Life.Phase, step.Life.Strikes));
        Assert.Equal(Phase.Ready, Next(step.Life, new Happening.Looked(1, new Verdict.Healthy())).Life.Phase);
    }

    [Fact]
    public void One_that_is_well_every_other_time_is_not_called_ready()
    {
        var life = Life.New(s_start) with { Phase = Phase.Degraded, Wanted = true, Generation = 1, Strikes = 1, ReadySince = s_start };
        for (var look = 0; look < 20; look++)
        {
            life = Next(life, new Happening.Looked(1, look % 2 == 0 ? new Verdict.Healthy() : new Verdict.Unwell(HealthStep.Token, "none"))).Life;
            Assert.Equal(Phase.Degraded, life.Phase);
        }
    }

    [Fact]
    public void A_busy_one_is_looked_at_again_soon_and_never_struck()
    {
        var life = Life.New(s_start) with { Phase = Phase.Ready, Wanted = true, Generation = 1, Strikes = 2, ReadySince = s_start };

        var step = Next(life, new Happening.Looked(1, new Verdict.Busy()));

        Assert.Equal((Phase.Ready, 0), (step.Life.Phase, step.Life.Strikes));
        Assert.Equal([new Effect.Look(1, s_policy.Watchful)], step.Effects);
    }

    [Fact]
    public void A_recovery_is_measured_from_the_first_sign_of_the_fault()
    {
        var life = Life.New(s_start) with { Phase = Phase.Ready, Wanted = true, Generation = 1, ReadySince = s_start };
        Step Then(Happening happening, int second) => Lifecycle.Next(life, happening, s_policy, new(s_start.AddSeconds(second), 0));

        for (var second = 0; second < 3; second++) life = Then(new Happening.Looked(1, new Verdict.Unwell(HealthStep.Token, "none")), second).Life;
        Assert.Equal(HealthStep.Token, life.UnwellAt);
        life = Then(new Happening.Exited(1, new("ended by SIGTERM", false)), 4).Life;
        life = Then(new Happening.Looked(2, new Verdict.Healthy()), 9).Life;

        Assert.Equal((Phase.Ready, TimeSpan.FromSeconds(9), null), (life.Phase, life.TookToRecover, life.FaultSince));
        Assert.Contains("none", life.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Remedy.Restart, Phase.Starting)]
    [InlineData(Remedy.OtherPort, Phase.Starting)]
    [InlineData(Remedy.SmallerPlan, Phase.Waiting)]
    [InlineData(Remedy.VerifyModel, Phase.Waiting)]
    [InlineData(Remedy.Rebuild, Phase.Starting)]
    internal void Where_there_is_a_remedy_the_same_is_not_started_again_at_once(Remedy remedy, Phase phase)
    {
        var life = Life.New(s_start) with { Phase = Phase.Ready, Wanted = true, Generation = 1, ReadySince = s_start };

        Assert.Equal(phase, Next(life, new Happening.Exited(1, new("ended", false) { Diagnosis = new("x", "x", remedy) })).Life.Phase);
    }

    [Fact]
    public void A_crash_after_ready_is_met_with_a_start_at_once()
    {
        var life = Life.New(s_start) with { Phase = Phase.Ready, Wanted = true, Generation = 1, ReadySince = s_start };

        var step = Next(life, new Happening.Exited(1, new("killed", false)));

        Assert.Equal(Phase.Starting, step.Life.Phase);
        Assert.Contains(new Effect.Spawn(2), step.Effects);
    }

    [Fact]
    public void A_model_that_cannot_be_loaded_is_not_tried_again_at_once()
    {
        var life = Life.New(s_start) with { Phase = Phase.Starting, Wanted = true, Generation = 1 };

        var step = Next(life, new Happening.Exited(1, new("could not load the model", Hopeless: true)));

        Assert.Equal(Phase.Waiting, step.Life.Phase);
        var wake = Assert.IsType<Effect.Wake>(Assert.Single(step.Effects));
        Assert.True(wake.After > TimeSpan.FromSeconds(30));
        Assert.Equal(s_start + wake.After, step.Life.NextStart);
        Assert.Null(Next(step.Life, new Happening.Woke(1, WakeFor.Restart)).Life.NextStart);
    }

    [Fact]
    public void A_model_that_could_be_loaded_before_is_given_the_time_to_be_brought_again()
    {
        var life = Life.New(s_start) with { Phase = Phase.Starting, Wanted = true, Generation = 1, Crashes = 1, TookToStart = TimeSpan.FromSeconds(1) };
        var broken = new ExitCause("could not load the model", Hopeless: true) { Diagnosis = new("model_broken", "it could not read its model", Remedy.VerifyModel, Hopeless: true) };

        var first = Next(life, new Happening.Exited(1, broken));
        Assert.False(first.Life.Hopeless);
        Assert.Equal(RestartPolicy.RemedyPause, Assert.IsType<Effect.Wake>(Assert.Single(first.Effects)).After);

        var second = Next(first.Life with { Phase = Phase.Starting }, new Happening.Exited(1, broken));
        Assert.True(second.Life.Hopeless);
        Assert.True(Assert.IsType<Effect.Wake>(Assert.Single(second.Effects)).After > TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 45)]
    public void Only_what_works_is_given_its_time_to_finish(bool isUnwell, int seconds)
    {
        var policy = LifecyclePolicy.For(new HealthConfig(), 0, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(45));
        var life = Life.New(s_start) with { Phase = Phase.Degraded, Wanted = true, Generation = 1, Strikes = 2, UnwellAt = HealthStep.Endpoint };

        var step = Lifecycle.Next(life, isUnwell ? new Happening.Looked(1, new Verdict.Unwell(HealthStep.Endpoint, "silent")) : new Happening.Unwanted("not needed"), policy, new(s_start, 0));

        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.Single(step.Effects.OfType<Effect.Wake>()).After);
    }

    [Fact]
    public void A_crash_is_forgiven_and_still_counted_as_one_that_happened()
    {
        var life = Life.New(s_start) with { Phase = Phase.Ready, Wanted = true, Generation = 1, Crashes = 1, Faults = 1, ReadySince = s_start - RestartPolicy.ForgivenAfter };

        var step = Next(life, new Happening.Exited(1, new("crashed", Hopeless: false)));

        Assert.Equal((1, 2), (step.Life.Restarts, step.Life.Faults));
    }

    [Fact]
    public void What_does_not_stop_politely_is_killed_and_again_until_it_is_gone()
    {
        var life = Life.New(s_start) with { Phase = Phase.Stopping, Generation = 1 };

        var step = Next(life, new Happening.Woke(1, WakeFor.StopOverdue));

        Assert.Contains(new Effect.Kill(1), step.Effects);
        Assert.Contains(step.Effects, e => e is Effect.Wake { For: WakeFor.StopOverdue });
    }

    [Fact]
    public void A_stop_before_the_pid_is_known_still_reaches_the_process()
    {
        var starting = Next(Life.New(s_start), new Happening.Wanted("x")).Life;
        var stopping = Next(starting, new Happening.Unwanted("y")).Life;

        var step = Next(stopping, new Happening.Spawned(1));

        Assert.Contains(new Effect.Terminate(1), step.Effects);
    }

    [Fact]
    public void What_was_found_running_as_it_was_before_a_change_is_ended_and_started_anew()
    {
        var found = Next(Life.New(s_start), new Happening.Adopted()).Life;

        var stopping = Next(found, new Happening.Outdated("it was started before something changed"));
        Assert.Contains(new Effect.Terminate(1), stopping.Effects);

        Assert.Contains(new Effect.Spawn(2), Next(stopping.Life, new Happening.Exited(1, new("ended", false))).Effects);
    }

    [Fact]
    public void Without_automatic_recovery_it_stays_down_and_says_why()
    {
        var policy = LifecyclePolicy.For(new HealthConfig(AutoRecovery: false), 0, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5));
        var life = Life.New(s_start) with { Phase = Phase.Ready, Wanted = true, Generation = 1, ReadySince = s_start };

        var step = Lifecycle.Next(life, new Happening.Exited(1, new("killed", false)), policy, new(s_start, 0));

        Assert.Empty(step.Effects);
        Assert.Contains("health.auto_recovery", step.Life.Reason);
    }

    [Fact]
    public void Whoever_waits_for_it_is_told_that_it_comes_only_where_it_does() =>
        Gen.Select(Worlds, Gen.Bool).Sample((moves, recovers) =>
        {
            var policy = s_policy with { AutoRecovery = recovers };
            var world = new World(policy);
            foreach (var move in moves)
            {
                world.Make(move);
                if (!Truthful(world, policy)) return false;
            }

            return true;
        });

    [Fact]
    public void A_model_that_its_engine_refuses_has_failed_until_a_person_asks_for_another_try()
    {
        var life = Life.New(s_start) with { Phase = Phase.Starting, Wanted = true, Generation = 1 };

        var refused = Next(life, new Happening.Exited(1, new("could not load the model", Hopeless: true))).Life;
        var asked = Next(refused, new Happening.Nudged("user")).Life;

        var failed = Assert.IsType<ModelAvailability.Failed>(AvailabilityOf(refused, s_policy));
        Assert.Equal("could not load the model", failed.Reason);
        Assert.Contains("helix models remove m", failed.Remedy);
        Assert.IsType<ModelAvailability.Coming>(AvailabilityOf(asked, s_policy));
    }

    [Fact]
    public void Without_automatic_recovery_one_that_ended_has_failed_and_the_remedy_starts_it()
    {
        var policy = s_policy with { AutoRecovery = false };
        var life = Life.New(s_start) with { Phase = Phase.Ready, Wanted = true, Generation = 1, ReadySince = s_start };

        var ended = Lifecycle.Next(life, new Happening.Exited(1, new("killed", false)), policy, new(s_start, 0)).Life;

        Assert.Contains("helix local-llm start builtin", Assert.IsType<ModelAvailability.Failed>(AvailabilityOf(ended, policy)).Remedy);
    }

    private static bool Truthful(World world, LifecyclePolicy policy)
    {
        var life = world.Life;
        if (life is { Wanted: false } or { Phase: Phase.Stopped }) return true;
        var wakes = world.Pending.OfType<Effect.Wake>().Any(w => w.For == WakeFor.Restart && w.Generation == life.Generation);
        return AvailabilityOf(life, policy) switch
        {
            ModelAvailability.Coming => life.HasProcess || (wakes && !life.Hopeless),
            ModelAvailability.Failed => life.Phase == Phase.Waiting && RemedyOf(life, policy) is { Length: > 0 },
            _ => life.HasProcess,
        };
    }

    private static ModelAvailability AvailabilityOf(Life life, LifecyclePolicy policy) => FleetView.AvailabilityOf(
        new Placement.Run(2048, 4, "asked for"),
        new InstanceStatus("builtin-m", "builtin", "m", FleetView.StateOf(life, policy), life.Reason, null, life.Restarts, life.Since) { Remedy = RemedyOf(life, policy) });

    private static string? RemedyOf(Life life, LifecyclePolicy policy) => FleetView.RemedyOf(life, policy, "builtin", "m");

    private static readonly Gen<int[]> Worlds = Gen.Int[0, 999].Array[0, 80];

    private static Step Next(Life life, Happening happening) => Lifecycle.Next(life, happening, s_policy, new(s_start, 0));

    /// <summary>A world that reports only what can be: the end of a process that is there, a wake-up that was asked for.</summary>
    private sealed class World(LifecyclePolicy policy)
    {
        private DateTimeOffset _now = s_start;

        public Life Life { get; private set; } = Life.New(s_start);

        public HashSet<int> Alive { get; } = [];

        public List<Effect> Pending { get; } = [];

        public void Make(int move)
        {
            _now += TimeSpan.FromSeconds(move % 7);
            switch (move % 10)
            {
                case 0: Tell(new Happening.Wanted("plan")); break;
                case 1: Tell(new Happening.Unwanted("plan")); break;
                case 2: Tell(move % 3 == 0 ? new Happening.Outdated("it was started before something changed") : new Happening.Nudged("user")); break;
                case 3 when Alive.Count > 0: End(Alive.First(), hopeless: move % 3 == 0); break;
                case 4 when Pending.Count > 0: Answer(Pending[move % Pending.Count], healthy: move % 2 == 0); break;
                case 5 when Pending.Count > 0: Answer(Pending[0], healthy: true); break;
                case 6: Tell(new Happening.Looked(Life.Generation - 1, new Verdict.Unwell(HealthStep.Token, "late"))); break;
                case 7 when Pending.OfType<Effect.Spawn>().FirstOrDefault() is { } spawn: FailToStart(spawn); break;
                case 8 when Pending.Count > 0: Answer(Pending[^1], healthy: false); break;
            }
        }

        /// <summary>Everything asked for is done, and the engine is well.</summary>
        public void Settle()
        {
            foreach (var effect in Pending.ToArray())
                if (effect is not Effect.Wake { For: WakeFor.StartOverdue }) Answer(effect, healthy: true);
            _now += TimeSpan.FromMinutes(10);
        }

        private void Answer(Effect effect, bool healthy)
        {
            if (!Pending.Remove(effect)) return;
            switch (effect)
            {
                case Effect.Spawn(var g): Alive.Add(g); Tell(new Happening.Spawned(g)); break;
                case Effect.Terminate(var g) when healthy && Alive.Contains(g): End(g, hopeless: false); break;
                case Effect.Kill(var g) when Alive.Contains(g): End(g, hopeless: false); break;
                case Effect.Look(var g, _) when Alive.Contains(g):
                    Tell(new Happening.Looked(g, healthy ? new Verdict.Healthy() : new Verdict.Unwell(HealthStep.Endpoint, "silent")));
                    break;
                case Effect.Wake(var g, var reason, _): Tell(new Happening.Woke(g, reason)); break;
            }
        }

        private void FailToStart(Effect.Spawn spawn)
        {
            Pending.Remove(spawn);
            Tell(new Happening.SpawnFailed(spawn.Generation, "no such file"));
        }

        private void End(int generation, bool hopeless)
        {
            Alive.Remove(generation);
            Tell(new Happening.Exited(generation, new("ended", hopeless)));
        }

        private void Tell(Happening happening)
        {
            var step = Lifecycle.Next(Life, happening, policy, new(_now, 0.5));
            Life = step.Life;
            Pending.AddRange(step.Effects);
        }
    }
}
