using System.Text;

namespace Helix.Core.Reports;

/// <summary>Text that somebody else wrote, such as a model's or a key's name, as it may stand in a report: as text, and as nothing else.</summary>
internal static class SafeText
{
    private const char Unshown = '\uFFFD';

    /// <summary>What has a meaning in Markdown within a line; a backslash before it takes that away.</summary>
    private const string Marks = "\\`*_[]<>#!|~&@";

    /// <summary>On one line. What ends a line is a space; what controls a terminal, or turns the order of letters around, is shown as a replacement.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (char.IsHighSurrogate(letter) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])) shown.Append(letter).Append(text[++at]);
            else if (letter is '\t' or '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') shown.Append(' ');
            else shown.Append(char.IsControl(letter) || char.IsSurrogate(letter) || IsTurning(letter) ? Unshown : letter);
        }

        return shown.ToString();
    }

    /// <summary>As it may stand between tags, and between the quotes of an attribute.</summary>
    public static string Html(string text)
    {
        var html = new StringBuilder(text.Length);
        foreach (var letter in Shown(text))
            _ = letter switch
            {
                '&' => html.Append("&amp;"),
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '"' => html.Append("&quot;"),
                '\'' => html.Append("&#39;"),
                _ => html.Append(letter),
            };
        return html.ToString();
    }

    /// <summary>As it may stand in a paragraph, or in a cell of a table.</summary>
    public static string Markdown(string text)
    {
        var shown = Shown(text);
        var markdown = new StringBuilder(shown.Length);
        for (var at = 0; at < shown.Length; at++)
        {
            if ((Marks.Contains(shown[at], StringComparison.Ordinal) && !IsWithinWord(shown, at)) || IsOfAddress(shown, at)) markdown.Append('\\');
            markdown.Append(shown[at]);
        }

        return markdown.ToString();
    }

    /// <summary>An underscore between letters means nothing, and a name is read more easily without a backslash.</summary>
    private static bool IsWithinWord(string text, int at) => text[at] == '_' && at > 0 && at + 1 < text.Length && char.IsAsciiLetterOrDigit(text[at - 1]) && char.IsAsciiLetterOrDigit(text[at + 1]);

    /// <summary>Many readers make a link of what only looks like an address.</summary>
    private static bool IsOfAddress(string text, int at) =>
        (text[at] == ':' && at + 1 < text.Length && text[at + 1] == '/') || (text[at] == '.' && at >= 3 && text.AsSpan(at - 3, 3).Equals("www", StringComparison.OrdinalIgnoreCase));

    /// <summary>Marks of directions, and what cannot be seen.</summary>
    private static bool IsTurning(char letter) => letter is '\u061C' or (>= '\u200B' and <= '\u200F') or (>= '\u202A' and <= '\u202E') or (>= '\u2060' and <= '\u206F') or '\uFEFF';
}
