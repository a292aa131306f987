using CsCheck;
using Helix.Core.Fleet;

namespace Helix.Core.Tests.Fleet;

public class RestartPolicyTests
{
    private static readonly RestartPolicy s_policy = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), MaxRetries: 3);

    [Fact]
    public void Without_any_wait_asked_for_the_waits_grow_all_the_same()
    {
        var eager = s_policy with { RetryDelay = TimeSpan.Zero };

        Assert.InRange(eager.DelayBefore(failedStarts: 2, crashes: 0, hopeless: false, roll: 1), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        Assert.True(eager.DelayBefore(failedStarts: 12, crashes: 0, hopeless: false, roll: 1) > TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void No_wait_is_negative_or_above_the_cap() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Bool, Gen.Double.Unit)
            .Sample((failed, crashes, hopeless, roll) =>
            {
                var wait = s_policy.DelayBefore(failed, crashes, hopeless, roll);
                return wait >= TimeSpan.Zero && wait <= s_policy.Cap;
            });

    [Fact]
    public void More_failures_never_wait_less() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, 60]).Sample((failed, crashes) =>
            s_policy.DelayBefore(failed + 1, crashes, false, 0.5) >= s_policy.DelayBefore(failed, crashes, false, 0.5)
            && s_policy.DelayBefore(0, crashes + 1, false, 0.5) >= s_policy.DelayBefore(0, crashes, false, 0.5));

    [Fact]
    public void The_first_restart_is_immediate_and_the_second_failed_start_waits_the_configured_delay()
    {
        Assert.Equal(TimeSpan.Zero, s_policy.DelayBefore(failedStarts: 1, crashes: 0, hopeless: false, roll: 1));
        Assert.Equal(TimeSpan.FromSeconds(5), s_policy.DelayBefore(failedStarts: 2, crashes: 0, hopeless: false, roll: 1));
        Assert.Equal(TimeSpan.FromSeconds(10), s_policy.DelayBefore(failedStarts: 3, crashes: 0, hopeless: false, roll: 1));
    }

    [Fact]
    public void An_engine_that_was_ready_is_back_within_a_second_twenty_times_in_a_row() =>
        Assert.All(Enumerable.Range(1, 20), n => Assert.True(s_policy.DelayBefore(0, n, false, 1) <= TimeSpan.FromSeconds(1)));

    [Fact]
    public void One_that_serves_for_longer_than_it_is_away_is_never_made_to_wait()
    {
        var crashes = 0;
        for (var n = 0; n < 1000; n++)
        {
            crashes = RestartPolicy.StillCounted(crashes, TimeSpan.FromSeconds(10)) + 1;
            Assert.True(s_policy.DelayBefore(0, crashes, false, 1) <= TimeSpan.FromSeconds(1));
        }

        Assert.Equal(25, RestartPolicy.StillCounted(25, TimeSpan.FromSeconds(9)));
        Assert.Equal(0, RestartPolicy.StillCounted(1000, RestartPolicy.ForgivenAfter));
    }

    [Fact]
    public void It_counts_as_critical_after_the_configured_retries()
    {
        Assert.False(s_policy.IsCritical(3, 0));
        Assert.True(s_policy.IsCritical(4, 0));
    }
}
