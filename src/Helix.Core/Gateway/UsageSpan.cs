namespace Helix.Core.Gateway;

/// <summary>A stretch of time over which requests are added up, and for how long such sums are kept.</summary>
internal sealed record UsageSpan(string Name, TimeSpan Length, TimeSpan Kept)
{
    public static UsageSpan Minute { get; } = new("minute", TimeSpan.FromMinutes(1), TimeSpan.FromDays(2));

    public static UsageSpan Hour { get; } = new("hour", TimeSpan.FromHours(1), TimeSpan.FromDays(90));

    public static UsageSpan Day { get; } = new("day", TimeSpan.FromDays(1), TimeSpan.FromDays(5 * 366));

    public static UsageSpan[] All { get; } = [Minute, Hour, Day];

    public long Minutes => (long)Length.TotalMinutes;

    /// <summary>The minute in which the span that holds this one begins.</summary>
    public long BeginOf(long minute) => minute - minute % Minutes;
}
