using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Configuration;

namespace Helix.Core.Backup;

/// <summary>How many backups are kept: the newest of so many days, weeks and months that have one.</summary>
internal readonly record struct Retention(int Daily, int Weekly, int Monthly)
{
    public static Retention Of(BackupConfig config) => new(config.KeepDaily, config.KeepWeekly, config.KeepMonthly);

    /// <summary>The moments, in UTC, whose backups stay; the newest always does.</summary>
    public ImmutableHashSet<DateTimeOffset> Keep(IEnumerable<DateTimeOffset> moments)
    {
        var newestFirst = moments.Distinct().OrderDescending().ToArray();
        return
        [
            .. newestFirst.Take(1),
            .. NewestOf(newestFirst, Daily, moment => moment.UtcDateTime.Date),
            .. NewestOf(newestFirst, Weekly, moment => (ISOWeek.GetYear(moment.UtcDateTime), ISOWeek.GetWeekOfYear(moment.UtcDateTime))),
            .. NewestOf(newestFirst, Monthly, moment => (moment.UtcDateTime.Year, moment.UtcDateTime.Month)),
        ];
    }

    private static IEnumerable<DateTimeOffset> NewestOf<T>(DateTimeOffset[] newestFirst, int count, Func<DateTimeOffset, T> bucket) =>
        newestFirst.GroupBy(bucket).Take(count).Select(group => group.First());
}
