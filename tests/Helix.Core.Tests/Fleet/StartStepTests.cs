using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Fleet;

/// <summary>Each step of a start has a time of its own.</summary>
public sealed class StartStepTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch;
    private static readonly StepPatience s_steps = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(40));

    [Theory]
    [InlineData("Listen", 10, "listen: it took no connection within 10 s (no answer)")]
    [InlineData("Endpoint", 20, "ready: it listens, and did not become ready within 20 s (no answer)")]
    [InlineData("Identity", 30, "identity: it is ready, and did not name its model within 30 s (no answer)")]
    [InlineData("Token", 40, "canary: it names its model, and produced no token within 40 s (no answer)")]
    public void A_step_that_takes_too_long_ends_the_start_and_is_named_with_its_time(string step, int seconds, string words)
    {
        var verdict = new Verdict.Unwell(Enum.Parse<HealthStep>(step), "no answer");
        var there = Look(Starting(), verdict, 1);
        var since = step == "Listen" ? 0 : 1;

        var inTime = Look(there.Life, verdict, since + seconds - 0.1);
        Assert.Equal(Phase.Starting, inTime.Life.Phase);
        Assert.DoesNotContain(inTime.Effects, effect => effect is Effect.Terminate);

        var late = Look(inTime.Life, verdict, since + seconds);
        Assert.Equal((Phase.Stopping, words), (late.Life.Phase, late.Life.Reason));
        Assert.Contains(late.Effects, effect => effect is Effect.Terminate);
    }

    [Fact]
    public void The_next_step_has_its_time_from_when_it_is_reached()
    {
        var ready = Look(Look(Starting(), Silent(HealthStep.Listen), 9).Life, Silent(HealthStep.Endpoint), 9.5);

        Assert.Equal(Phase.Starting, Look(ready.Life, Silent(HealthStep.Endpoint), 29).Life.Phase);
        Assert.Equal(Phase.Stopping, Look(ready.Life, Silent(HealthStep.Endpoint), 29.5).Life.Phase);
    }

    [Fact]
    public void What_falls_back_to_an_earlier_step_gets_no_time_anew()
    {
        var named = Look(Starting(), Silent(HealthStep.Token), 1);
        var fallen = Look(named.Life, Silent(HealthStep.Listen), 30);

        Assert.Equal(Phase.Starting, fallen.Life.Phase);
        Assert.Equal(Phase.Stopping, Look(fallen.Life, Silent(HealthStep.Listen), 41).Life.Phase);
    }

    [Fact]
    public void One_that_says_that_it_loads_has_the_time_to_become_ready()
    {
        var loading = Look(Starting(), new Verdict.Loading("loading m: 10 %"), 1);

        Assert.Equal("loading m: 10 %", loading.Life.Reason);
        Assert.StartsWith("ready: ", Look(loading.Life, new Verdict.Loading("loading m: 20 %"), 21).Life.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_model_has_more_time_at_each_step()
    {
        var large = LifecyclePolicy.For(new HealthConfig(), 1_000_000_000, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5), s_steps);

        Assert.Equal(new StepPatience(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60)), large.Steps);
    }

    [Fact]
    public void A_start_anew_has_its_time_anew()
    {
        var ended = Look(Look(Starting(), Silent(HealthStep.Token), 1).Life, Silent(HealthStep.Token), 41);

        var again = Lifecycle.Next(ended.Life with { Phase = Phase.Waiting }, new Happening.Woke(1, WakeFor.Restart), Policy, new Moment(s_start.AddSeconds(50), 0.5));

        Assert.Equal(StartProgress.Begun(s_start.AddSeconds(50)), again.Life.Start);
    }

    private static LifecyclePolicy Policy { get; } = LifecyclePolicy.For(new HealthConfig(), 0, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5), s_steps);

    private static Verdict.Unwell Silent(HealthStep step) => new(step, "silent");

    private static Life Starting() => Lifecycle.Next(Life.New(s_start), new Happening.Wanted("x"), Policy, new Moment(s_start, 0.5)).Life;

    private static Step Look(Life life, Verdict verdict, double seconds) => Lifecycle.Next(life, new Happening.Looked(1, verdict), Policy, new Moment(s_start.AddSeconds(seconds), 0.5));
}
