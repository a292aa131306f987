using System.Collections.Immutable;
using Helix.Core.Updates;

namespace Helix.Core.Alerts;

/// <summary>Hours of days of the week, in UTC: <c>sat+sun 02:00-05:00</c>, <c>mon-fri 22:00-06:00</c>, or without days for every day. What goes over midnight belongs to the day on which it begins.</summary>
internal sealed record WeekWindow(ImmutableArray<DayOfWeek> Days, MaintenanceWindow Hours)
{
    /// <summary>In the order of the week.</summary>
    private static readonly ImmutableArray<(string Name, DayOfWeek Day)> s_days =
    [
        ("mon", DayOfWeek.Monday), ("tue", DayOfWeek.Tuesday), ("wed", DayOfWeek.Wednesday), ("thu", DayOfWeek.Thursday), ("fri", DayOfWeek.Friday), ("sat", DayOfWeek.Saturday), ("sun", DayOfWeek.Sunday),
    ];

    /// <returns>Null where it is none.</returns>
    public static WeekWindow? Parse(string text)
    {
        var (days, hours) = text.Split(' ') switch
        {
            [var time] => (s_days.Select(each => each.Day).ToImmutableArray(), MaintenanceWindow.Parse(time)),
            [var named, var time] => (DaysOf(named), MaintenanceWindow.Parse(time)),
            _ => (ImmutableArray<DayOfWeek>.Empty, null),
        };
        return hours is null || days.IsEmpty ? null : new(days, hours);
    }

    /// <summary>A check for settings: see <see cref="Configuration.Words"/>.</summary>
    public static string? Refuse(string text) => Parse(text) is null ? "; write it like sat+sun 02:00-05:00, in UTC" : null;

    public bool IsOpen(DateTimeOffset now)
    {
        var utc = now.UtcDateTime;
        var goesOver = Hours.To < Hours.From && TimeOnly.FromDateTime(utc) < Hours.To;
        return Hours.IsOpen(now) && Days.Contains(goesOver ? utc.AddDays(-1).DayOfWeek : utc.DayOfWeek);
    }

    /// <returns>None where one of them is no day.</returns>
    private static ImmutableArray<DayOfWeek> DaysOf(string text)
    {
        var days = ImmutableArray.CreateBuilder<DayOfWeek>();
        foreach (var part in text.Split('+'))
        {
            var (from, to) = part.Split('-') switch
            {
                [var one] => (Place(one), Place(one)),
                [var first, var last] => (Place(first), Place(last)),
                _ => (-1, -1),
            };
            if (from < 0 || to < 0) return [];
            for (var at = from; ; at = (at + 1) % s_days.Length)
            {
                days.Add(s_days[at].Day);
                if (at == to) break;
            }
        }

        return days.ToImmutable();

        static int Place(string name)
        {
            for (var at = 0; at < s_days.Length; at++)
                if (s_days[at].Name == name) return at;
            return -1;
        }
    }
}
