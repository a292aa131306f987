using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class BreakerTests
{
    private static readonly TimeSpan s_now = TimeSpan.FromMinutes(5);

    [Fact]
    public void Three_failures_in_a_row_leave_a_backend_alone_for_about_a_second()
    {
        var breaker = Failed(default, Breaker.FailuresToOpen - 1);
        Assert.False(breaker.IsOpen(s_now));

        breaker = Failed(breaker, 1);

        Assert.True(breaker.IsOpen(s_now + TimeSpan.FromSeconds(0.7)));
        Assert.False(breaker.IsOpen(s_now + TimeSpan.FromSeconds(1.3)));
    }

    [Fact]
    public void Two_are_not_enough() => Assert.False(Failed(Breaker.Well, 2).IsOpen(s_now));

    [Fact]
    public void Then_one_request_goes_as_a_trial_and_no_other()
    {
        var later = s_now + TimeSpan.FromSeconds(2);
        var breaker = Failed(default, 3).Sent(later);

        Assert.True(breaker.IsOpen(later));
        Assert.False(breaker.Untold().IsOpen(later));
    }

    [Fact]
    public void A_trial_that_fails_doubles_the_pause_up_to_a_minute()
    {
        var (breaker, now, last) = (Failed(default, 3), s_now, 0.0);
        for (var n = 0; n < 12; n++)
        {
            var pause = (breaker.OpenUntil - now).TotalSeconds;
            Assert.Equal(Math.Min(60, Math.Pow(2, n)), pause, 0.001);
            (now, last) = (breaker.OpenUntil, pause);
            breaker = breaker.Sent(now).Failed(now, 0.5, isTrial: true);
        }

        Assert.Equal(60, last);
    }

    [Fact]
    public void What_was_under_way_together_fails_together() => Assert.Equal(1, Failed(default, 40).Openings);

    [Fact]
    public void It_always_comes_back() => Gen.Select(Gen.Int[0, 3].Array[0, 60], Gen.Double[0, 1]).Sample((steps, jitter) =>
    {
        var (breaker, now) = (default(Breaker), s_now);
        foreach (var step in steps)
        {
            now += TimeSpan.FromSeconds(step);
            breaker = step switch { 0 => breaker.Failed(now, jitter), 1 => breaker.Sent(now), 2 => breaker.Untold(), _ => breaker.Sent(now).Failed(now, jitter, isTrial: true) };
        }

        return !breaker.Untold().IsOpen(now + TimeSpan.FromSeconds(76));
    });

    private static Breaker Failed(Breaker breaker, int times)
    {
        for (var n = 0; n < times; n++) breaker = breaker.Failed(s_now, 0.5);
        return breaker;
    }
}
