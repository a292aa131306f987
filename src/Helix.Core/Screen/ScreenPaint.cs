using System.Globalization;
using System.Text;

namespace Helix.Core.Screen;

/// <summary>Lines as a terminal is told to show them (ECMA-48, and the private modes that xterm brought).</summary>
internal static class ScreenPaint
{
    /// <summary>The screen behind the usual one, without a cursor, where a line that is too long is not continued in the next.</summary>
    public const string Enter = "\e[?1049h\e[?25l\e[?7l\e[0m\e[2J";

    /// <summary>Everything as it was.</summary>
    public const string Leave = "\e[0m\e[?7h\e[?25h\e[?1049l";

    public const string Clear = "\e[0m\e[2J";

    private const string Reset = "\e[0m";

    public static string Line(ScreenLine line, bool colours)
    {
        if (!colours) return line.Text;
        var text = new StringBuilder();
        foreach (var part in line.Parts)
        {
            var code = (line.IsChosen ? "7;" : "") + CodeOf(part.Ink);
            if (code.Length == 0) text.Append(part.Text);
            else text.Append("\e[").Append(code.TrimEnd(';')).Append('m').Append(part.Text).Append(Reset);
        }

        return text.ToString();
    }

    /// <summary>Of painted lines only those that differ from what is shown.</summary>
    public static string Changes(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var text = new StringBuilder();
        for (var row = 0; row < Math.Max(before.Count, after.Count); row++)
        {
            var line = row < after.Count ? after[row] : "";
            if (row < before.Count && before[row] == line) continue;
            // a line is emptied before it is written: behind its last cell there is nothing that could be emptied
            text.Append(CultureInfo.InvariantCulture, $"\e[{row + 1};1H\e[2K").Append(line);
        }

        return text.ToString();
    }

    private static string CodeOf(Ink ink) => ink switch
    {
        Ink.Good => "32",
        Ink.OnItsWay => "33",
        Ink.Bad => "31",
        Ink.Quiet => "2",
        Ink.Heading => "1",
        _ => "",
    };
}
