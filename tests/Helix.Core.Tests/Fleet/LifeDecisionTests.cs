using System.Text.Json;
using CsCheck;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Healing;

namespace Helix.Core.Tests.Fleet;

public sealed class LifeDecisionTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly LifecyclePolicy s_policy = LifecyclePolicy.For(new HealthConfig(), 0, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5));

    private static readonly Happening[] s_happenings =
    [
        new Happening.Wanted("asked for"), new Happening.Unwanted("stopped by you"), new Happening.Nudged("mended"), new Happening.Adopted(), new Happening.Outdated("another release"),
        new Happening.Spawned(1), new Happening.SpawnFailed(1, "no such file") { Diagnosis = new("parts_missing", "parts are missing", Remedy.Rebuild) },
        new Happening.Exited(1, new("it crashed", false) { Diagnosis = new("crashed", "it crashed", Remedy.Restart) }), new Happening.Looked(1, new Verdict.Healthy()), new Happening.Looked(1, new Verdict.Busy()),
        new Happening.Looked(1, new Verdict.Loading("40 %")), new Happening.Looked(1, new Verdict.Unwell(HealthStep.Token, "no token")), new Happening.Woke(1, WakeFor.Restart),
    ];

    [Fact]
    public void Whatever_happens_is_written_and_decided_again_the_same() => Gen.Int[0, s_happenings.Length - 1].Select(which => s_happenings[which]).List[1, 30].Sample(happenings =>
    {
        var (life, now) = (Life.New(s_now), s_now);
        foreach (var happening in happenings)
        {
            var moment = new Moment(now += TimeSpan.FromMilliseconds(700), 0.25);
            var step = Lifecycle.Next(life, happening, s_policy, moment);
            var written = JsonSerializer.Serialize(LifeDecision.Of(life, happening, s_policy, moment, step), LifeDecisionJson.Default.LifeDecision);

            var read = JsonSerializer.Deserialize(written, LifeDecisionJson.Default.LifeDecision)!;

            Assert.Equal((life, happening, s_policy, step.Life), (read.Before, read.Happening, read.Policy, read.After));
            Assert.True(read.Again().IsSameAs(read), written);
            life = step.Life;
        }
    });

    [Fact]
    public void What_comes_out_otherwise_is_seen()
    {
        var (before, moment) = (Life.New(s_now), new Moment(s_now, 0));
        var decision = LifeDecision.Of(before, s_happenings[0], s_policy, moment, Lifecycle.Next(before, s_happenings[0], s_policy, moment));

        Assert.False(decision.Again().IsSameAs(decision with { After = decision.After with { Generation = 7 } }));
        Assert.False(decision.Again().IsSameAs(decision with { Effects = [] }));
    }
}
