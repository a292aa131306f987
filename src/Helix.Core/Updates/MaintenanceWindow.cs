using System.Globalization;

namespace Helix.Core.Updates;

/// <summary>Hours of the day, in UTC, in which something may be changed: <c>02:00-05:00</c>, also over midnight.</summary>
internal sealed record MaintenanceWindow(TimeOnly From, TimeOnly To)
{
    /// <returns>Null where it is none.</returns>
    public static MaintenanceWindow? Parse(string text) =>
        text.Split('-') is [var from, var to] && Time(from) is { } begin && Time(to) is { } end && begin != end ? new(begin, end) : null;

    /// <summary>A check for settings: see <see cref="Configuration.Words"/>.</summary>
    public static string? Refuse(string text) => Parse(text) is null ? "; write it like 02:00-05:00, in UTC" : null;

    public bool IsOpen(DateTimeOffset now) => TimeOnly.FromDateTime(now.UtcDateTime).IsBetween(From, To);

    /// <summary>When it opens next; now where it is open.</summary>
    public DateTimeOffset Next(DateTimeOffset now)
    {
        if (IsOpen(now)) return now;
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) + From.ToTimeSpan();
        return today > now ? today : today.AddDays(1);
    }

    private static TimeOnly? Time(string text) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;
}
