using System.Text;

namespace Helix.Core.Cli;

/// <summary>
/// Words of anybody as they may go to a terminal: nothing in them moves its cursor, colours what follows, sets its title or turns the order of letters
/// around. Unlike in a cell (<see cref="Screen.CellText"/>), a text keeps its lines, its tabs, and the marks of every script.
/// </summary>
internal static class PlainText
{
    private const char Replaced = '\uFFFD';

    public static string Of(string words)
    {
        if (!words.Any(IsOdd)) return words;
        var plain = new StringBuilder(words.Length);
        // what begins a line anew would write over what stands there; at the end of a line it says nothing
        foreach (var letter in words.Where(letter => letter != '\r')) plain.Append(IsOdd(letter) ? Replaced : letter);
        return plain.ToString();
    }

    private static bool IsOdd(char letter) => (char.IsControl(letter) && letter is not ('\n' or '\t')) || letter is '\u202D' or '\u202E';
}
