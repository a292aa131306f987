using System.Text;
using Helix.Core.Cli;

namespace Helix.Core.Reports;

/// <summary>Draws the charts of a report. Nothing is told by colour alone: the figures stand in a table beside each.</summary>
internal static class ReportCharts
{
    private const double Width = 720;
    private const double Left = 56;
    private const double Gap = 0.15;

    private static readonly double[] s_steps = [1, 2, 5];

    /// <summary>Where lines are drawn, from the bottom to the top.</summary>
    private static readonly double[] s_lines = [0, 0.5, 1];

    public static void Draw(StringBuilder to, ReportChart chart)
    {
        switch (chart)
        {
            case ReportChart.Columns { Points.Length: > 0 } columns: Draw(to, columns); break;
            case ReportChart.Strip { Days.Length: > 0 } strip: Draw(to, strip); break;
            case ReportChart.Bars { Points.Length: > 0 } bars: Draw(to, bars); break;
        }
    }

    /// <summary>A value whose first figure is 1, 2 or 5, and that is no less than this one: where an axis ends.</summary>
    public static double Round(double most)
    {
        if (!double.IsFinite(most) || most <= 1) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        foreach (var step in s_steps)
            if (most <= step * power) return step * power;
        return 10 * power;
    }

    private static void Draw(StringBuilder to, ReportChart.Columns chart)
    {
        const double top = 12, bottom = 188, height = 212;
        var end = Round(chart.Points.Max(point => point.Sum));
        var slot = (Width - Left) / chart.Points.Length;
        var svg = new SvgText(to, Width, height);
        svg.Begin($"{chart.Called}: {chart.Points.Length} columns, from {chart.Points[0].Label} to {chart.Points[^1].Label}; the highest is {Human.Count(chart.Points.Max(point => point.Sum))}");
        foreach (var share in s_lines)
        {
            var y = bottom - (bottom - top) * share;
            svg.Line(Left, Width, y);
            svg.Words(Left - 6, y + 4, "end", Human.Count(end * share));
        }

        for (var at = 0; at < chart.Points.Length; at++)
        {
            var (point, y) = (chart.Points[at], bottom);
            for (var part = 0; part < point.Values.Length; part++)
            {
                var high = (bottom - top) * Math.Clamp(point.Values[part] / end, 0, 1);
                if (high <= 0) continue;
                y -= high;
                svg.Box($"s{part}", Left + slot * (at + Gap / 2), y, slot * (1 - Gap), high, $"{point.Label}: {Human.Count(point.Values[part])} {chart.Series[part]}");
            }
        }

        svg.Words(Left, height - 8, "start", chart.Points[0].Label);
        if (chart.Points.Length > 1) svg.Words(Width, height - 8, "end", chart.Points[^1].Label);
        svg.End();
    }

    private static void Draw(StringBuilder to, ReportChart.Strip chart)
    {
        const double top = 12, bottom = 44, height = 66;
        var slot = Width / chart.Days.Length;
        var svg = new SvgText(to, Width, height);
        svg.Begin($"{chart.Called}: {chart.Days.Length} days, of which {chart.Days.Count(IsLow)} are below {ReportAdvices.Percent(chart.Target)}");
        for (var at = 0; at < chart.Days.Length; at++)
        {
            var day = chart.Days[at];
            var says = $"{ReportFacts.Day(day.Day)}: {(day.Share is { } share ? ReportAdvices.Percent(share) : "nothing was to run")}";
            svg.Box(day.Share is null ? "none" : IsLow(day) ? "low" : "up", slot * (at + Gap / 2), top, slot * (1 - Gap), bottom - top, says);
            if (IsLow(day)) svg.Mark(slot * (at + 0.5), top - 2);
        }

        svg.Words(0, height - 8, "start", ReportFacts.Day(chart.Days[0].Day));
        if (chart.Days.Length > 1) svg.Words(Width, height - 8, "end", ReportFacts.Day(chart.Days[^1].Day));
        svg.End();

        bool IsLow(ReportDay day) => day.Share < chart.Target;
    }

    private static void Draw(StringBuilder to, ReportChart.Bars chart)
    {
        const double line = 26, name = 260, figure = 64;
        var end = Math.Max(1, chart.Points.Max(point => point.Sum));
        var svg = new SvgText(to, Width, line * chart.Points.Length);
        svg.Begin($"{chart.Called}: {chart.Points.Length} bars, the longest is {chart.Points.MaxBy(point => point.Sum)!.Label}");
        for (var at = 0; at < chart.Points.Length; at++)
        {
            var point = chart.Points[at];
            var wide = (Width - name - figure) * Math.Clamp(point.Sum / end, 0, 1);
            svg.Words(name - 8, line * at + 17, "end", Short(point.Label));
            svg.Box("s0", name, line * at + 4, Math.Max(1, wide), line - 8, $"{point.Label}: {Human.Count(point.Sum)}");
            svg.Words(name + wide + 6, line * at + 17, "start", Human.Count(point.Sum));
        }

        svg.End();
    }

    /// <summary>As much of a name as there is room for.</summary>
    private static string Short(string name)
    {
        const int most = 36;
        return name.Length <= most ? name : $"{name[..(char.IsHighSurrogate(name[most - 2]) ? most - 2 : most - 1)]}…";
    }
}
