using System.Globalization;
using System.Text;

namespace Helix.Core.Screen;

/// <summary>
/// Words of anybody, made fit for the cells of a terminal. What steers a terminal or turns the direction of a text becomes a space or is left out, so that
/// neither a model's name nor a line of an engine's log can do more than be read. Where terminals do not agree how wide a letter is, the wider is taken:
/// a line may then be shorter than was thought, and never longer.
/// </summary>
internal static class CellText
{
    private const char Unknown = '\uFFFD';
    private const char Cut = '…';

    /// <summary>Letters may carry so many marks above each other: more reach into other lines.</summary>
    private const int MostMarks = 2;

    /// <summary>First and last of those that take two cells (Unicode, East Asian Width W and F, and all emoji), in their order.</summary>
    private static readonly (int First, int Last)[] s_wide =
    [
        (0x1100, 0x115F), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23F3), (0x25FD, 0x25FE), (0x2600, 0x27BF), (0x2B1B, 0x2B1C), (0x2B50, 0x2B55),
        (0x2E80, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7FB), (0xF900, 0xFAFF), (0xFE10, 0xFE1F), (0xFE30, 0xFE6F), (0xFF01, 0xFF60), (0xFFE0, 0xFFE6),
        (0x16FE0, 0x18DFF), (0x1AFF0, 0x1B2FF), (0x1D300, 0x1D37F), (0x1F000, 0x1FAFF), (0x20000, 0x3FFFD),
    ];

    /// <summary>The same words with nothing in them but what can be read.</summary>
    public static string Clean(string words)
    {
        if (!words.AsSpan().ContainsAnyExceptInRange(' ', '~')) return words;
        var clean = new StringBuilder(words.Length);
        // a mark at the very beginning would go onto whatever stands before
        var marks = MostMarks;
        foreach (var rune in words.EnumerateRunes())
        {
            if (IsMark(rune))
            {
                if (marks++ < MostMarks && !IsVariation(rune)) clean.Append(rune.ToString());
                continue;
            }

            if (Shown(rune) is not { } shown) continue;
            marks = 0;
            clean.Append(shown.ToString());
        }

        return clean.ToString();
    }

    /// <summary>Cells that a clean text takes.</summary>
    public static int Width(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text.Length;
        var width = 0;
        foreach (var rune in text.EnumerateRunes()) width += Width(rune);
        return width;
    }

    /// <summary>As much of a clean text as has room, with a sign that there is more.</summary>
    /// <param name="width">In cells; nothing is left of a text for less than one.</param>
    public static string Fit(string text, int width)
    {
        if (width <= 0) return "";
        if (Width(text) <= width) return text;
        var fit = new StringBuilder(width);
        var used = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (used + Width(rune) > width - 1) break;
            used += Width(rune);
            fit.Append(rune.ToString());
        }

        return fit.Append(Cut).ToString();
    }

    /// <summary>A clean text in exactly so many cells.</summary>
    /// <param name="right">Its end stands at the end, as numbers do.</param>
    public static string Pad(string text, int width, bool right = false)
    {
        var fit = Fit(text, width);
        var rest = new string(' ', Math.Max(0, width - Width(fit)));
        return right ? rest + fit : fit + rest;
    }

    /// <returns>Null where nothing is left of it.</returns>
    private static Rune? Shown(Rune rune)
    {
        if (rune.Value is >= ' ' and <= '~') return rune;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator => new Rune(' '),
            UnicodeCategory.Format => null,
            UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => new Rune(Unknown),
            _ => rune,
        };
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;

    /// <summary>They make some letters wider, in some terminals.</summary>
    private static bool IsVariation(Rune rune) => rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    private static int Width(Rune rune)
    {
        if (rune.Value < s_wide[0].First && !IsMark(rune)) return 1;
        if (IsMark(rune)) return 0;
        foreach (var (first, last) in s_wide)
        {
            if (rune.Value < first) return 1;
            if (rune.Value <= last) return 2;
        }

        return 1;
    }
}
