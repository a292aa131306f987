using System.Globalization;
using Helix.Core.Cli;

namespace Helix.Core.Alerts;

/// <summary>A span of time as it is written in rules: <c>90s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>.</summary>
internal static class RuleSpan
{
    public const string Allowed = "a span of time like 90s, 5m, 2h or 1d";

    private const int MostDays = 365;

    /// <returns>Null where it is none, or one of more than a year.</returns>
    public static TimeSpan? Parse(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return null;
        double? seconds = text[^1] switch
        {
            's' => count,
            'm' => count * 60.0,
            'h' => count * 3600.0,
            'd' => count * 86_400.0,
            _ => null,
        };
        return seconds is { } known && known <= MostDays * 86_400.0 ? TimeSpan.FromSeconds(known) : null;
    }

    /// <summary>A check for settings: see <see cref="Configuration.Words"/>.</summary>
    public static string? Refuse(string text) => Parse(text) is null ? "; write it like 5m" : null;

    /// <summary>Without the parts that are nothing: <c>5 min</c>.</summary>
    public static string Words(TimeSpan span) => Human.Span(span).Replace(" 0 s", "", StringComparison.Ordinal).Replace(" 0 min", "", StringComparison.Ordinal).Replace(" 0 h", "", StringComparison.Ordinal);
}
