using CsCheck;
using Helix.Core.Healing;

namespace Helix.Core.Tests.Healing;

public class HealingLadderTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void After_restarts_it_is_rebuilt_then_rolled_back_then_critical()
    {
        var (first, rebuild) = Next(null, new Trouble.Exhausted("2", Remedy.Restart, HasPrevious: true));
        var (second, back) = Next(first, new Trouble.Exhausted("2", Remedy.Restart, HasPrevious: true));
        var (third, alert) = Next(second, new Trouble.Exhausted("1", Remedy.Restart, HasPrevious: false));

        Assert.Equal([Ascent.Rebuild, Ascent.RollBack, Ascent.Alert], [rebuild, back, alert]);
        Assert.Equal((Rung.Critical, 1), (third!.Rung, third.Rounds));
    }

    [Fact]
    public void Where_there_is_no_release_before_it_a_rebuild_is_the_last_that_is_tried()
    {
        var (climb, _) = Next(null, new Trouble.Exhausted("1", Remedy.Restart, HasPrevious: false));

        Assert.Equal(Ascent.Alert, Next(climb, new Trouble.InVain("1", HasPrevious: false)).Ascent);
    }

    [Fact]
    public void A_release_that_does_not_know_its_settings_is_not_rebuilt_first() =>
        Assert.Equal(Ascent.RollBack, Next(null, new Trouble.Exhausted("2", Remedy.Rollback, HasPrevious: true)).Ascent);

    [Theory]
    [InlineData(Remedy.SmallerPlan)]
    [InlineData(Remedy.FreeDisk)]
    [InlineData(Remedy.VerifyModel)]
    [InlineData(Remedy.OtherPort)]
    internal void What_a_release_is_not_to_blame_for_does_not_touch_it(Remedy remedy) =>
        Assert.Equal((null, Ascent.None), Next(null, new Trouble.Exhausted("1", remedy, HasPrevious: true)));

    [Fact]
    public void After_the_last_rung_all_is_tried_again_after_a_pause_that_grows()
    {
        var critical = new Climb(Rung.Critical, "1", 1, s_now);
        var again = new Trouble.Exhausted("1", Remedy.Restart, HasPrevious: true);

        Assert.Equal(Ascent.None, HealingLadder.Next(critical, again, s_now.AddMinutes(59)).Ascent);
        Assert.Equal(Ascent.Rebuild, HealingLadder.Next(critical, again, s_now.AddMinutes(60)).Ascent);
        Assert.Equal(Ascent.None, HealingLadder.Next(critical with { Rounds = 2 }, again, s_now.AddMinutes(60)).Ascent);
        Assert.Equal(TimeSpan.FromDays(1), HealingLadder.PauseAfter(1000));
    }

    [Fact]
    public void A_stretch_of_health_before_the_fault_forgives()
    {
        Assert.True(HealingLadder.IsForgiven(TimeSpan.FromMinutes(11)));
        Assert.False(HealingLadder.IsForgiven(TimeSpan.FromMinutes(9)));
        Assert.False(HealingLadder.IsForgiven(null));
    }

    [Fact]
    public void Whatever_fails_it_never_ends_for_good_and_never_does_more_than_three_things_in_a_round() =>
        Gen.Bool.Array[1, 200].Sample(draws =>
        {
            var (climb, now, deeds) = ((Climb?)null, s_now, 0);
            foreach (var hasPrevious in draws)
            {
                now += TimeSpan.FromHours(25);
                (climb, var ascent) = HealingLadder.Next(climb, new Trouble.Exhausted("1", Remedy.Restart, hasPrevious), now);
                if (ascent == Ascent.None) return false;
                deeds = ascent == Ascent.Alert ? 0 : deeds + 1;
                if (deeds > 2) return false;
            }

            return true;
        });

    private static (Climb? Climb, Ascent Ascent) Next(Climb? climb, Trouble trouble) => HealingLadder.Next(climb, trouble, s_now);
}
