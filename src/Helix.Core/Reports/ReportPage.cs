using System.Collections.Immutable;

namespace Helix.Core.Reports;

/// <summary>A report for a person, whatever it is written in: the same words, tables and charts as HTML and as Markdown.</summary>
internal sealed record ReportPage(string Title, string Under, ImmutableArray<ReportSection> Sections);

/// <param name="Lines">A paragraph each.</param>
internal sealed record ReportSection(string Title, ImmutableArray<string> Lines)
{
    public ImmutableArray<ReportChart> Charts { get; init; } = [];

    public ImmutableArray<ReportTable> Tables { get; init; } = [];
}

/// <param name="Called">What it shows.</param>
/// <param name="Rows">Each as long as <paramref name="Head"/>.</param>
/// <param name="Words">So many columns, the first ones, hold words; all others figures.</param>
internal sealed record ReportTable(string Called, ImmutableArray<string> Head, ImmutableArray<ImmutableArray<string>> Rows, int Words = 1)
{
    /// <summary>It has the figures of a chart, and may be folded where that is shown.</summary>
    public bool IsOfChart { get; init; }
}

internal abstract record ReportChart(string Called)
{
    /// <summary>Values over time, one above the other.</summary>
    /// <param name="Series">What the parts of each column are.</param>
    internal sealed record Columns(string Called, ImmutableArray<string> Series, ImmutableArray<ChartPoint> Points) : ReportChart(Called);

    /// <summary>A day each.</summary>
    /// <param name="Target">A share below it is marked.</param>
    internal sealed record Strip(string Called, double Target, ImmutableArray<ReportDay> Days) : ReportChart(Called);

    /// <summary>One under the other, each with its name.</summary>
    internal sealed record Bars(string Called, ImmutableArray<ChartPoint> Points) : ReportChart(Called);
}

/// <param name="Values">None below 0.</param>
internal sealed record ChartPoint(string Label, ImmutableArray<double> Values)
{
    public double Sum => Values.Sum();
}
