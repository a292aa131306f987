using System.Text;
using System.Text.RegularExpressions;
using Helix.Core.Configuration;

namespace Helix.Core.Connect;

/// <summary>
/// Shows settings without the secrets in them, whose ever they are: whatever stands behind a name that speaks of one, in JSON, TOML and
/// YAML alike. Where it is not clear how far a value goes, more of it is hidden.
/// </summary>
internal static partial class SecretText
{
    private const string Hidden = "…";

    /// <summary>What differs between two texts, as <see cref="UnifiedDiff"/> has it. A secret that only one of them has is told apart from those of the other.</summary>
    public static string Diff(string? from, string? to, string name)
    {
        var (old, now) = (Secrets(from ?? ""), Secrets(to ?? ""));
        return UnifiedDiff.Of(
            from is null ? null : KeyText.Mask(Hide(from, old, Values(to ?? "", now), "old"), to ?? ""),
            to is null ? null : KeyText.Mask(Hide(to, now, Values(from ?? "", old), "new")),
            name);
    }

    private static HashSet<string> Values(string text, List<(int Start, int End)> secrets) => [.. secrets.Select(secret => text[secret.Start..secret.End])];

    private static string Hide(string text, List<(int Start, int End)> secrets, HashSet<string> others, string mark)
    {
        var shown = new StringBuilder();
        var at = 0;
        foreach (var (start, end) in secrets)
        {
            var value = text[start..end];
            var mask = others.Contains(value) ? Hidden : Hidden + mark;
            shown.Append(text, at, start - at).AppendJoin('\n', value.Split('\n').Select(line => HideLine(line, mask)));
            at = end;
        }

        return shown.Append(text, at, text.Length - at).ToString();
    }

    private static string HideLine(string line, string mask)
    {
        var content = line.Trim();
        if (content.Length == 0) return line;
        var quote = content[0] is '"' or '\'' ? content[..1] : "";
        return line.Replace(content, quote + mask + quote, StringComparison.Ordinal);
    }

    /// <summary>Where values of secrets stand, one after the other; helix's own keys are hidden otherwise.</summary>
    private static List<(int Start, int End)> Secrets(string text)
    {
        var found = new List<(int Start, int End)>();
        var after = 0;
        foreach (Match name in Names().Matches(text))
        {
            if (name.Index < after || !Telling().IsMatch(name.Value)) continue;
            var start = Skip(text, name.Index + name.Length, " \t");
            // JSON may have the value on another line
            if (name.Value[0] == '"' && Skip(text, start, " \t\r\n") is var next && next < text.Length && text[next] is '"' or '\'' or '[' or '{') start = next;
            var end = EndOf(text, start, TextLines.Column(text, name.Index));
            var value = text.AsSpan(start, end - start);
            if (value.IsWhiteSpace() || KeyText.IsAt(text, value[0] is '"' or '\'' ? start + 1 : start) || IsNumberOfTokens(name.Value, value)) continue;
            found.Add((start, end));
            after = end;
        }

        return found;
    }

    /// <summary>How many tokens a model takes is no secret.</summary>
    private static bool IsNumberOfTokens(string name, ReadOnlySpan<char> value)
    {
        var digits = value.IndexOfAnyExceptInRange('0', '9');
        return name.Contains("tokens", StringComparison.OrdinalIgnoreCase) && digits != 0 && (digits < 0 || value[digits] is ' ' or '\t' or '\r' or ',' or '}' or ']');
    }

    /// <param name="column">Where the line of its name begins.</param>
    private static int EndOf(string text, int at, int column) => (at < text.Length ? text[at] : '\n') switch
    {
        '"' or '\'' => EndOfWords(text, at),
        '[' or '{' => EndOfBrackets(text, at),
        '\n' or '\r' or '#' or '|' or '>' => EndOfBlock(text, at, column),
        _ => EndOfLine(text, at),
    };

    private static int EndOfWords(string text, int at)
    {
        var quote = text[at];
        var mark = new string(quote, 3);
        if (string.CompareOrdinal(text, at, mark, 0, 3) == 0) return text.IndexOf(mark, at + 3, StringComparison.Ordinal) is >= 0 and var close ? close + 3 : text.Length;
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\\' && quote == '"') at++;
            else if (text[at] == quote && quote == '\'' && at + 1 < text.Length && text[at + 1] == quote) at++;
            else if (text[at] == quote) return at + 1;
        }

        return text.Length;
    }

    private static int EndOfBrackets(string text, int at)
    {
        for (var depth = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '"' or '\'': at = EndOfWords(text, at) - 1; break;
                case '#': at = EndOfLine(text, at) - 1; break;
                case '/' when string.CompareOrdinal(text, at, "//", 0, 2) == 0: at = EndOfLine(text, at) - 1; break;
                case '[' or '{': depth++; break;
                case ']' or '}' when --depth == 0: return at + 1;
            }
        }

        return text.Length;
    }

    /// <summary>What belongs to a name in YAML by its indentation.</summary>
    private static int EndOfBlock(string text, int at, int column)
    {
        var end = EndOfLine(text, at);
        while (end < text.Length)
        {
            var next = EndOfLine(text, end + 1);
            var line = text.AsSpan(end + 1, next - end - 1);
            var content = line.TrimStart();
            var indent = line.Length - content.Length;
            if (!content.IsEmpty && indent <= column && !(indent == column && content[0] == '-')) break;
            end = next;
        }

        return end;
    }

    private static int EndOfLine(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;

    private static int Skip(string text, int at, string blanks)
    {
        while (at < text.Length && blanks.Contains(text[at], StringComparison.Ordinal)) at++;
        return at;
    }

    /// <summary>A name, and what stands between it and its value.</summary>
    [GeneratedRegex("""(?:"[^"\r\n]*"|'[^'\r\n]*'|(?<![\w.-])(?>[\w.-]+))[^\S\r\n]*[:=]""", RegexOptions.CultureInvariant)]
    private static partial Regex Names();

    [GeneratedRegex("key|token|secret|passw|credential|authorization", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Telling();
}
