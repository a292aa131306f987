namespace Helix.Core.Configuration;

/// <summary>Finds and inserts lines in a text without touching the rest of it.</summary>
internal static class TextLines
{
    /// <summary>How this text ends its lines.</summary>
    public static string EndOfLine(string text)
    {
        var first = text.IndexOf('\n', StringComparison.Ordinal);
        return first > 0 && text[first - 1] == '\r' ? "\r\n" : "\n";
    }

    public static int StartOfLine(string text, int index) => index == 0 ? 0 : text.LastIndexOf('\n', index - 1) + 1;

    /// <summary>Where the line after the one of <paramref name="index"/> begins, or the end of the text.</summary>
    public static int NextLine(string text, int index)
    {
        var end = index >= text.Length ? -1 : text.IndexOf('\n', index);
        return end < 0 ? text.Length : end + 1;
    }

    /// <summary>Where the line begins that follows a piece of text; the piece may include its own line end.</summary>
    public static int LineAfter(string text, int end) => end > 0 && text[end - 1] == '\n' ? end : NextLine(text, end);

    public static int Column(string text, int index) => index - StartOfLine(text, index);

    /// <summary>The blanks with which the line of <paramref name="index"/> begins.</summary>
    public static string Indent(string text, int index)
    {
        var start = StartOfLine(text, index);
        var end = start;
        while (end < text.Length && text[end] is ' ' or '\t') end++;
        return text[start..end];
    }

    /// <summary>A piece of text with the lines it stands on, where nothing else stands on them; else the piece alone.</summary>
    public static (int From, int To) Whole(string text, int from, int to)
    {
        var (first, last) = (StartOfLine(text, from), LineAfter(text, to));
        return string.IsNullOrWhiteSpace(text[first..from]) && string.IsNullOrWhiteSpace(text[to..last]) ? (first, last) : (from, to);
    }

    /// <summary>The lines that are not blank, without the blanks around them.</summary>
    public static string[] Trimmed(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Inserts whole lines before the line that starts at <paramref name="at"/>.</summary>
    public static string Insert(string text, int at, string lines)
    {
        var endOfLine = EndOfLine(text);
        return at == text.Length && text.Length > 0 && text[^1] != '\n'
            ? text + endOfLine + lines
            : text[..at] + lines + endOfLine + text[at..];
    }
}
