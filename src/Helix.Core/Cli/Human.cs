using System.Globalization;

namespace Helix.Core.Cli;

/// <summary>Quantities as a person reads them.</summary>
internal static class Human
{
    /// <summary>For example <c>639.4 MB</c>; powers of a thousand, as disks and hubs count.</summary>
    public static string Bytes(double bytes) => Scaled(bytes, ["B", "kB", "MB", "GB", "TB"]);

    /// <summary>For example <c>1.1 B</c> parameters.</summary>
    public static string Count(double count) => Scaled(count, ["", "K", "M", "B", "T"]).TrimEnd();

    /// <summary>The two largest parts that count: <c>2 h 5 min</c>, <c>42 s</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        _ when span < TimeSpan.Zero => "0 s",
        { TotalMinutes: < 1 } => $"{span.Seconds} s",
        { TotalHours: < 1 } => $"{span.Minutes} min {span.Seconds} s",
        { TotalDays: < 1 } => $"{span.Hours} h {span.Minutes} min",
        _ => $"{span.Days} d {span.Hours} h",
    };

    private static string Scaled(double value, string[] units)
    {
        var step = 0;
        while (Math.Round(value, 1) >= 1000 && step < units.Length - 1) (value, step) = (value / 1000, step + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{(step == 0 ? Math.Floor(value) : Math.Round(value, 1))} {units[step]}");
    }
}
