using CsCheck;
using Helix.Core.Automation;

namespace Helix.Core.Tests.Automation;

public class ScheduleTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 29, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);
    private static readonly Gen<double> s_draw = Gen.Double[0, 1];

    [Fact]
    public void In_a_week_it_is_done_seven_times_whenever_it_is_looked_at()
    {
        Gen.Select(s_draw, Gen.Int[1, 3600], Gen.Int[0, 600]).Sample((draw, pace, late) =>
        {
            var (schedule, runs) = (Schedule.Begin(null, s_day, s_start, draw), 0);
            for (var now = s_start; now < s_start + 7 * s_day; now += TimeSpan.FromSeconds(pace))
            {
                schedule = schedule.At(now);
                if (!schedule.IsDue(now)) continue;
                schedule = schedule.Ran(now);
                runs++;
                now += TimeSpan.FromSeconds(late);
            }

            Assert.Equal(7, runs);
        });
    }

    [Fact]
    public void What_was_missed_is_made_up_once()
    {
        var schedule = Schedule.Begin(s_start, s_day, s_start + 9 * s_day, 0);
        Assert.True(schedule.IsDue(s_start + 9 * s_day));

        schedule = schedule.Ran(s_start + 9 * s_day);

        Assert.False(schedule.IsDue(s_start + 9.9 * s_day));
        Assert.True(schedule.IsDue(s_start + 10 * s_day));
    }

    [Fact]
    public void What_was_done_lately_waits_for_its_turn_over_a_restart() =>
        Gen.Select(s_draw, Gen.Int[0, 86_399]).Sample((draw, ago) =>
            Assert.Equal(s_start + s_day, Schedule.Next(s_start, s_day, s_start.AddSeconds(ago), draw)));

    [Fact]
    public void What_is_overdue_never_waits_for_long() =>
        Gen.Select(s_draw, Gen.Int[86_400, 100_000_000]).Sample((draw, ago) =>
            Assert.InRange(Schedule.Next(s_start, s_day, s_start.AddSeconds(ago), draw) - s_start.AddSeconds(ago), TimeSpan.Zero, TimeSpan.FromMinutes(10)));

    [Fact]
    public void A_clock_that_was_years_ahead_keeps_nothing_from_being_done()
    {
        var ahead = s_start.AddYears(4);
        Assert.Null(Schedule.Last([ahead], s_day, s_start));
        Assert.Equal(s_start, Schedule.Next(ahead, s_day, s_start, 0));

        var running = new Schedule(s_day, ahead + s_day).At(s_start);

        Assert.True(running.IsDue(s_start + s_day));
    }

    [Fact]
    public void A_clock_that_is_set_back_a_little_has_nothing_done_twice() =>
        Gen.Select(s_draw, Gen.Int[1, 86_400]).Sample((draw, back) =>
            Assert.Equal(s_start + s_day, Schedule.Next(Schedule.Last([s_start], s_day, s_start.AddSeconds(-back)), s_day, s_start.AddSeconds(-back), draw)));

    [Fact]
    public void What_failed_is_tried_again_before_its_next_turn()
    {
        var schedule = Schedule.Begin(null, s_day, s_start, 0).Failed(s_start, TimeSpan.FromHours(1));

        Assert.False(schedule.IsDue(s_start.AddMinutes(59)));
        Assert.True(schedule.IsDue(s_start.AddHours(1)));
    }
}
