using CsCheck;
using Helix.Core.Processes;

namespace Helix.Core.Tests.Processes;

public sealed class DaemonComebackTests
{
    private static readonly Gen<(bool Worked, int Milliseconds)[]> s_lives = Gen.Select(Gen.Bool, Gen.Int[0, 4000]).Array[0, 80];

    [Fact]
    public void A_daemon_killed_while_it_works_comes_back_at_once_twenty_times_in_a_row()
    {
        var comeback = default(DaemonComeback);
        for (var i = 0; i < 20; i++)
        {
            comeback = comeback.After(worked: true, TimeSpan.FromMilliseconds(150));
            Assert.Equal(TimeSpan.Zero, comeback.Delay);
        }
    }

    [Fact]
    public void A_daemon_that_never_comes_to_work_is_given_twice_the_time_each_time()
    {
        var comeback = default(DaemonComeback);
        var delays = Enumerable.Range(0, 9).Select(_ => (comeback = comeback.After(worked: false, TimeSpan.Zero)).Delay.TotalMilliseconds);

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000], delays);
    }

    [Fact]
    public void A_daemon_that_works_and_dies_at_once_for_ever_is_slowed_down_too()
    {
        var comeback = default(DaemonComeback);
        for (var i = 0; i < 100; i++)
            comeback = comeback.After(worked: true, TimeSpan.FromMilliseconds(20));

        Assert.Equal(DaemonComeback.LongestDelay, comeback.Delay);
    }

    [Fact]
    public void Every_delay_is_bounded_and_a_long_working_life_forgives_all() =>
        s_lives.Sample(lives =>
        {
            var comeback = default(DaemonComeback);
            foreach (var (worked, milliseconds) in lives)
            {
                comeback = comeback.After(worked, TimeSpan.FromMilliseconds(milliseconds));
                if (comeback.Delay < TimeSpan.Zero || comeback.Delay > DaemonComeback.LongestDelay)
                    return false;
            }

            return comeback.After(worked: true, DaemonComeback.LongEnough).Delay == TimeSpan.Zero;
        });
}
