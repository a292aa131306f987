using System.Diagnostics.CodeAnalysis;

namespace Helix.Core.Alerts;

/// <summary>Words that came from anywhere, fit to be shown everywhere: one line, nothing that steers a terminal or turns the direction of a text, and not without end.</summary>
internal static class AlertWords
{
    /// <summary>Nobody reads more of one text.</summary>
    public const int Most = 2000;

    /// <summary>Of what helix did about one matter, the newest.</summary>
    public const int MostDone = 1000;

    [return: NotNullIfNotNull(nameof(words))]
    public static string? Clean(string? words)
    {
        if (words is null || (words.Length <= Most && !words.Any(IsOdd))) return words;
        var line = string.Concat(words.ReplaceLineEndings(" ").Select(letter => IsOdd(letter) ? ' ' : letter));
        return line.Length <= Most ? line : $"{Begin(line, Most - 1)}…";
    }

    /// <summary>The first letters of a text, none of them torn apart.</summary>
    public static string Begin(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>What was done before, and what was done after that; what is said already is not said again, and the oldest goes when it is too much.</summary>
    public static string Joined(string before, string more)
    {
        if (before == more || before.EndsWith($"; {more}", StringComparison.Ordinal)) return before;
        var joined = $"{before}; {more}";
        if (joined.Length <= MostDone) return joined;
        var rest = joined[^MostDone..];
        var at = rest.IndexOf("; ", StringComparison.Ordinal);
        return $"…; {(at < 0 ? rest : rest[(at + 2)..])}";
    }

    /// <summary>A letter that a terminal obeys, that ends a line, or that turns the direction of a text.</summary>
    public static bool IsOdd(char letter) => char.IsControl(letter) || letter is '\u061C' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
