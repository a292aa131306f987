using Helix.Core.Fleet;

namespace Helix.Core.Tests.Fleet;

public class HealthSignsTests
{
    private static readonly Life s_new = Life.New(DateTimeOffset.UnixEpoch);

    [Fact]
    public void One_that_serves_is_believed_in_all_four() => Told("ok ok ok ok", s_new with { Phase = Phase.Ready });

    [Theory]
    [InlineData(HealthStep.Listen, "ok waiting unknown unknown")]
    [InlineData(HealthStep.Endpoint, "ok waiting unknown unknown")]
    [InlineData(HealthStep.Identity, "ok ok waiting unknown")]
    [InlineData(HealthStep.Token, "ok ok ok waiting")]
    public void One_that_starts_waits_at_a_step(object step, string told) => Told(told, s_new with { Phase = Phase.Starting, Start = new StartProgress((HealthStep)step, DateTimeOffset.UnixEpoch) });

    [Theory]
    [InlineData(HealthStep.Endpoint, "ok bad unknown unknown")]
    [InlineData(HealthStep.Identity, "ok ok bad unknown")]
    [InlineData(HealthStep.Token, "ok ok ok bad")]
    public void One_that_is_unwell_is_so_at_a_step(object step, string told)
    {
        Told(told, s_new with { Phase = Phase.Degraded, UnwellAt = (HealthStep)step });
        Told(told, s_new with { Phase = Phase.Stopping, UnwellAt = (HealthStep)step });
    }

    [Fact]
    public void One_that_ended_and_is_wanted_has_no_process_and_one_that_rests_is_not_judged()
    {
        Told("bad unknown unknown unknown", s_new with { Phase = Phase.Waiting });
        Told("unknown unknown unknown unknown", s_new);
    }

    [Fact]
    public void The_same_signs_are_the_same_value() => Assert.Equal(new HealthView(HealthSigns.Of(s_new with { Phase = Phase.Ready })), new HealthView(HealthSigns.Of(s_new with { Phase = Phase.Ready, Generation = 3 })));

    private static void Told(string expected, Life life) => Assert.Equal(expected, string.Join(' ', HealthSigns.Of(life)).ToLowerInvariant());
}
