using System.Text;

namespace Helix.Core.Cli;

/// <summary>Lays out a listing: one line a row, two spaces between columns, nothing behind the last word.</summary>
internal static class Columns
{
    /// <param name="tint">Colours a cell after it was padded; the last argument is the column.</param>
    public static string Layout(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows, Func<string, int, string>? tint = null)
    {
        var widths = header.Select((name, column) => rows.Select(row => row[column].Length).Append(name.Length).Max()).ToArray();
        var text = new StringBuilder();
        Add(header, tint: null);
        foreach (var row in rows) Add(row, tint);
        return text.ToString();

        void Add(IReadOnlyList<string> cells, Func<string, int, string>? tint)
        {
            var last = cells.Count - 1;
            while (last > 0 && cells[last].Length == 0) last--;
            for (var column = 0; column <= last; column++)
            {
                var cell = cells[column].ReplaceLineEndings(" ");
                text.Append(tint?.Invoke(cell, column) ?? cell);
                if (column < last) text.Append(' ', widths[column] - cell.Length + 2);
            }

            text.Append('\n');
        }
    }
}
