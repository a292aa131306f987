using Helix.Core.Cli;

namespace Helix.Core.Screen;

/// <summary>Figures in few cells. What nobody measures is shown as nothing.</summary>
internal static class Figures
{
    private const int BarWidth = 10;

    public static string Bytes(double? bytes) => bytes is { } value ? Human.Bytes(value) : "";

    /// <summary>For example <c>12</c>, <c>999</c>, <c>1.2 K</c>.</summary>
    public static string Count(double? count) => count is { } value ? Human.Count(value) : "";

    /// <summary>One digit behind the point below ten.</summary>
    public static string Rate(double? rate) => rate is not { } value ? "" : value is > 0 and < 10 ? Invariant($"{value:0.0}") : Count(Math.Round(value));

    /// <summary>Of one, in percent; cut, not rounded: what failed once is never shown as all.</summary>
    public static string Share(double? share) => share is { } value ? Invariant($"{Math.Floor(value * 10_000) / 100:0.##} %") : "";

    public static string Percent(double share) => Invariant($"{Math.Round(share * 100):0} %");

    /// <summary>The largest part that counts: <c>42s</c>, <c>5m</c>, <c>2h</c>, <c>13d</c>.</summary>
    public static string Span(TimeSpan? span) => span switch
    {
        null => "",
        { TotalSeconds: < 1 } => "0s",
        { TotalMinutes: < 1 } whole => Invariant($"{Math.Floor(whole.TotalSeconds):0}s"),
        { TotalHours: < 1 } whole => Invariant($"{Math.Floor(whole.TotalMinutes):0}m"),
        { TotalDays: < 1 } whole => Invariant($"{Math.Floor(whole.TotalHours):0}h"),
        { } whole => Invariant($"{Math.Floor(whole.TotalDays):0}d"),
    };

    /// <param name="milliseconds">Null where nothing was measured.</param>
    public static string Milliseconds(double? milliseconds)
    {
        if (milliseconds is not { } value) return "";
        if (value < 10) return Invariant($"{value:0.0}");
        return value < 100_000 ? Invariant($"{Math.Round(value):0}") : Invariant($"{Math.Round(value / 1000):0} s");
    }

    /// <summary>For example <c>[###.......]</c>.</summary>
    public static string Bar(double share)
    {
        var full = (int)Math.Round(Math.Clamp(share, 0, 1) * BarWidth);
        return $"[{new string('#', full)}{new string('.', BarWidth - full)}]";
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
