using System.Collections.Immutable;
using System.Text;

namespace Helix.Core.Reports;

/// <summary>Writes a report as Markdown. Charts over time are a line of blocks above the table that has their figures.</summary>
internal static class ReportMarkdown
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    public static string Of(ReportPage page)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(SafeText.Markdown(page.Title)).Append("\n\n").Append(SafeText.Markdown(page.Under)).Append('\n');
        foreach (var section in page.Sections)
        {
            text.Append("\n## ").Append(SafeText.Markdown(section.Title)).Append('\n');
            foreach (var line in section.Lines) text.Append('\n').Append(SafeText.Markdown(line)).Append('\n');
            foreach (var chart in section.Charts.OfType<ReportChart.Columns>().Where(chart => chart.Points.Length > 1))
                text.Append('\n').Append(SafeText.Markdown(chart.Called)).Append(": `").Append(BlocksOf(chart)).Append("`\n");
            foreach (var table in section.Tables) Add(text, table);
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, ReportTable table)
    {
        text.Append('\n').Append(SafeText.Markdown(table.Called)).Append(":\n\n");
        Row(table.Head);
        text.Append('|');
        for (var column = 0; column < table.Head.Length; column++) text.Append(column < table.Words ? "---|" : "---:|");
        text.Append('\n');
        foreach (var row in table.Rows) Row(row);

        void Row(ImmutableArray<string> cells)
        {
            text.Append('|');
            foreach (var cell in cells) text.Append(' ').Append(SafeText.Markdown(cell)).Append(" |");
            text.Append('\n');
        }
    }

    /// <summary>The lowest block is for nothing, the highest for the most.</summary>
    private static string BlocksOf(ReportChart.Columns chart)
    {
        var most = chart.Points.Max(point => point.Sum);
        return string.Concat(chart.Points.Select(point => Blocks[most > 0 ? (int)Math.Ceiling(point.Sum / most * (Blocks.Length - 1)) : 0]));
    }
}
