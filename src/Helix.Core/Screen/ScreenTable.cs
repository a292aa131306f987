namespace Helix.Core.Screen;

/// <param name="Width">In cells; of the one that takes what is left, the least with which it is worth showing.</param>
/// <param name="Rank">The lower, the longer it stays where room is short.</param>
/// <param name="Cell">What it shows of a row.</param>
internal sealed record ScreenColumn<T>(string Title, int Width, int Rank, Func<T, Inked> Cell)
{
    /// <summary>Its end stands at the end, as numbers do.</summary>
    public bool IsRight { get; init; }

    /// <summary>Takes what is left of the line.</summary>
    public bool IsRest { get; init; }
}

/// <summary>A table in as many columns as have room, a line each row, with a heading.</summary>
internal static class ScreenTable
{
    private const int Gutter = 2;

    /// <summary>The columns that have room, in their order: those of the lowest rank first, until one has none.</summary>
    public static IReadOnlyList<ScreenColumn<T>> Fitting<T>(IReadOnlyList<ScreenColumn<T>> columns, int width)
    {
        var room = width - Gutter;
        var kept = new HashSet<ScreenColumn<T>>(ReferenceEqualityComparer.Instance);
        foreach (var column in columns.OrderBy(column => column.Rank))
        {
            room -= column.Width + 1;
            if (room < -1 && kept.Count > 0) break;
            kept.Add(column);
        }

        return [.. columns.Where(kept.Contains)];
    }

    public static ScreenLine Heading<T>(IReadOnlyList<ScreenColumn<T>> columns, int width)
    {
        var line = new ScreenLine().AddCell("", Gutter);
        var rest = RestOf(columns, width);
        foreach (var column in columns) line.AddCell(column.Title, column.IsRest ? rest : column.Width, Ink.Heading, column.IsRight).Add(" ");
        return line;
    }

    public static ScreenLine Row<T>(IReadOnlyList<ScreenColumn<T>> columns, T row, int width, bool isChosen = false)
    {
        var line = new ScreenLine { IsChosen = isChosen }.AddCell(isChosen ? ">" : "", Gutter);
        var rest = RestOf(columns, width);
        foreach (var column in columns)
        {
            var (text, ink) = column.Cell(row);
            line.AddCell(text, column.IsRest ? rest : column.Width, ink, column.IsRight).Add(" ");
        }

        return line;
    }

    private static int RestOf<T>(IReadOnlyList<ScreenColumn<T>> columns, int width) =>
        Math.Max(0, width - Gutter - columns.Sum(column => (column.IsRest ? 0 : column.Width) + 1) + 1);
}
