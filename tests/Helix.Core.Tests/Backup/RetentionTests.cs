using CsCheck;
using Helix.Core.Backup;

namespace Helix.Core.Tests.Backup;

public class RetentionTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 3, 0, 0, TimeSpan.Zero);
    private static readonly Gen<DateTimeOffset[]> s_moments = Gen.Int[0, 60 * 24 * 700].Select(minutes => s_start.AddMinutes(minutes)).Array[1, 60];
    private static readonly Gen<Retention> s_policy = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 6], Gen.Int[0, 8], (daily, weekly, monthly) => new Retention(daily, weekly, monthly));

    [Fact]
    public void The_newest_always_stays_and_never_more_than_were_asked_for() =>
        Gen.Select(s_moments, s_policy).Sample((moments, policy) =>
        {
            var kept = policy.Keep(moments);

            Assert.Contains(moments.Max(), kept);
            Assert.InRange(kept.Count, 1, Math.Max(1, policy.Daily + policy.Weekly + policy.Monthly));
            Assert.Subset(moments.ToHashSet(), kept.ToHashSet());
        });

    [Fact]
    public void Who_asks_for_more_loses_nothing() =>
        Gen.Select(s_moments, s_policy, Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 3]).Sample((moments, policy, days, weeks, months) =>
            Assert.Superset(policy.Keep(moments).ToHashSet(), new Retention(policy.Daily + days, policy.Weekly + weeks, policy.Monthly + months).Keep(moments).ToHashSet()));

    [Fact]
    public void What_is_not_kept_once_is_not_missed_later() =>
        Gen.Select(s_moments, s_policy).Sample((moments, policy) => Assert.Equal(policy.Keep(moments), policy.Keep(policy.Keep(moments))));

    [Fact]
    public void A_year_of_daily_backups_leaves_seven_days_four_weeks_and_six_months()
    {
        var policy = new Retention(7, 4, 6);
        List<DateTimeOffset> there = [];
        for (var day = 0; day < 365; day++)
        {
            there.Add(s_start.AddDays(day));
            there = [.. policy.Keep(there).Order()];
        }

        Assert.Equal(
            ["2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-13", "2026-12-20", "2026-12-25", "2026-12-26", "2026-12-27", "2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31"],
            there.Select(moment => moment.ToString("yyyy-MM-dd", null)));
    }
}
