using System.Text;
using Helix.Core.Screen;

namespace Helix.Core.Cli;

/// <summary>Lays out a listing: one line a row, two spaces between columns, nothing behind the last word, and nothing in a cell that steers a terminal.</summary>
internal static class Columns
{
    /// <param name="tint">Colours a cell after it was padded; the last argument is the column.</param>
    public static string Layout(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows, Func<string, int, string>? tint = null)
    {
        string[][] lines = [.. rows.Select(row => row.Select(cell => CellText.Clean(cell.ReplaceLineEndings(" "))).ToArray())];
        var widths = header.Select((name, column) => lines.Select(line => CellText.Width(line[column])).Append(name.Length).Max()).ToArray();
        var text = new StringBuilder();
        Add(header, tint: null);
        foreach (var line in lines) Add(line, tint);
        return text.ToString();

        void Add(IReadOnlyList<string> cells, Func<string, int, string>? tint)
        {
            var last = cells.Count - 1;
            while (last > 0 && cells[last].Length == 0) last--;
            for (var column = 0; column <= last; column++)
            {
                var cell = cells[column];
                text.Append(tint?.Invoke(cell, column) ?? cell);
                if (column < last) text.Append(' ', widths[column] - CellText.Width(cell) + 2);
            }

            text.Append('\n');
        }
    }
}
