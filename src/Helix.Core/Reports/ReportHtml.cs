using System.Security.Cryptography;
using System.Text;

namespace Helix.Core.Reports;

/// <summary>
/// Writes a report as one page of HTML that needs nothing else: no script, no font, no picture from elsewhere. Its own policy forbids all but its style
/// sheet, so that not even a mistake here could let a name become more than text.
/// </summary>
internal static class ReportHtml
{
    private const string Style = """

        :root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --faint: #57606a; --line: #d0d7de; --s0: #0969da; --s1: #bc4c00; --up: #1a7f37; --low: #cf222e; }
        @media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --faint: #9198a1; --line: #30363d; --s0: #58a6ff; --s1: #f0883e; --up: #3fb950; --low: #ff7b72; } }
        @media print { :root { --ground: #fff; --text: #000; --faint: #444; --line: #bbb; --s0: #0969da; --s1: #bc4c00; --up: #1a7f37; --low: #cf222e; } main { max-width: none; } section, figure, tr { break-inside: avoid; } * { print-color-adjust: exact; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
        h1 { margin: 0; font-size: 1.8rem; line-height: 1.2; }
        h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem; border-bottom: 1px solid var(--line); }
        p { margin: .5rem 0; overflow-wrap: anywhere; }
        header p, figcaption, caption, summary { color: var(--faint); }
        figure { margin: 1rem 0; }
        svg { display: block; width: 100%; height: auto; }
        svg text { font-size: 12px; fill: var(--faint); }
        svg line { stroke: var(--line); stroke-width: 1; }
        .s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .up { fill: var(--up); } .low { fill: var(--low); } .none { fill: var(--line); }
        .key { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em; vertical-align: -.05em; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-variant-numeric: tabular-nums; }
        caption { text-align: left; padding: .25rem 0; }
        th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
        .n { text-align: right; white-space: nowrap; }

        """;

    public static string Of(ReportPage page)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-").Append(HashOf(Style)).Append("'; base-uri 'none'; form-action 'none'\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
            .Append("<title>").Append(SafeText.Html($"{page.Title}: {page.Under}")).Append("</title>\n<style>").Append(Style).Append("</style>\n</head>\n<body>\n<main>\n<header>\n<h1>")
            .Append(SafeText.Html(page.Title)).Append("</h1>\n<p>").Append(SafeText.Html(page.Under)).Append("</p>\n</header>\n");
        foreach (var section in page.Sections)
        {
            html.Append("<section>\n<h2>").Append(SafeText.Html(section.Title)).Append("</h2>\n");
            foreach (var line in section.Lines) html.Append("<p>").Append(SafeText.Html(line)).Append("</p>\n");
            foreach (var chart in section.Charts) Add(html, chart);
            foreach (var table in section.Tables) Add(html, table);
            html.Append("</section>\n");
        }

        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void Add(StringBuilder html, ReportChart chart)
    {
        html.Append("<figure>\n<figcaption>").Append(SafeText.Html(chart.Called));
        if (chart is ReportChart.Columns columns)
            for (var at = 0; at < columns.Series.Length; at++)
                html.Append("<svg class=\"key\" viewBox=\"0 0 1 1\" aria-hidden=\"true\"><rect class=\"s").Append(at).Append("\" width=\"1\" height=\"1\"/></svg>").Append(SafeText.Html(columns.Series[at]));
        html.Append("</figcaption>\n");
        ReportCharts.Draw(html, chart);
        html.Append("</figure>\n");
    }

    private static void Add(StringBuilder html, ReportTable table)
    {
        if (table.IsOfChart) html.Append("<details>\n<summary>").Append(SafeText.Html($"{table.Called}, as a table")).Append("</summary>\n");
        // who moves by keyboard can scroll it, too
        html.Append("<div class=\"wide\" tabindex=\"0\">\n<table>\n<caption>").Append(SafeText.Html(table.Called)).Append("</caption>\n<thead><tr>");
        for (var column = 0; column < table.Head.Length; column++) html.Append(column < table.Words ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"n\">").Append(SafeText.Html(table.Head[column])).Append("</th>");
        html.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            html.Append("<tr>");
            // a name in a script of its own direction turns nothing around it
            for (var column = 0; column < row.Length; column++) html.Append(column < table.Words ? "<td><bdi>" : "<td class=\"n\"><bdi>").Append(SafeText.Html(row[column])).Append("</bdi></td>");
            html.Append("</tr>\n");
        }

        html.Append("</tbody>\n</table>\n</div>\n");
        if (table.IsOfChart) html.Append("</details>\n");
    }

    private static string HashOf(string style) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
}
