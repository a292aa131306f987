namespace Helix.Core.Screen;

/// <param name="Fixed">Lines beside the rows: a heading, and what stands between panels.</param>
/// <param name="Rows">That there are.</param>
/// <param name="Least">Rows without which it is not worth showing; more than there are means all.</param>
internal readonly record struct PanelWish(int Fixed, int Rows, int Least);

/// <summary>Who gets how many lines where there is not room for all.</summary>
internal static class PanelShares
{
    /// <summary>Each gets its least, the first before the others; what is left then goes to the first until it has all, and so on.</summary>
    /// <returns>Rows of each; less than 0 where there is not even room for its heading.</returns>
    public static int[] Of(int lines, IReadOnlyList<PanelWish> wishes)
    {
        var rows = new int[wishes.Count];
        for (var at = 0; at < wishes.Count; at++)
        {
            var (fix, all, _) = wishes[at];
            var least = Math.Min(wishes[at].Least, all);
            if (lines < fix + least)
            {
                // the first is shown as far as it goes: an empty screen says nothing
                rows[at] = at == 0 && lines > fix ? lines - fix : -1;
            }
            else
            {
                rows[at] = least;
            }

            if (rows[at] >= 0) lines -= fix + rows[at];
        }

        for (var at = 0; at < wishes.Count; at++)
        {
            if (rows[at] < 0) continue;
            var more = Math.Min(lines, wishes[at].Rows - rows[at]);
            rows[at] += more;
            lines -= more;
        }

        return rows;
    }
}
