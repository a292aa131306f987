using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CsCheck;
using Helix.Core.Gateway;
using Helix.Core.History;
using Helix.Core.Reports;

namespace Helix.Core.Tests.Reports;

public sealed partial class ReportPageTests
{
    private const string Hostile = "</td></table><script>alert(1)</script><img src=x onerror=alert(2)>\" onload=\"x' `a` | **b** [c](javascript:d) \u202E\u0007\r\n# e";

    /// <summary>Everything that the page is made of, and nothing that could run or fetch.</summary>
    private static readonly HashSet<string> s_tags = new(
        ["!doctype", "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "p", "section", "figure", "figcaption", "svg", "rect", "line", "path", "text", "details", "summary", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "bdi"],
        StringComparer.OrdinalIgnoreCase);

    private static readonly Gen<string> s_text = Gen.String[Gen.Char["ab<>&\"'`|*_[]()#\\\n\r\t\u202E\u0000é漢\uD83D\uDE00 :/.www"], 0, 24];

    [Fact]
    public void Names_of_others_are_shown_as_text_and_become_nothing_else()
    {
        var html = ReportHtml.Of(ReportPages.Of(Busy(Hostile)));

        Assert.All(Tag().Matches(html.Replace(StyleOf(html), "", StringComparison.Ordinal)), tag => Assert.Contains(tag.Groups[1].Value, s_tags));
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Attribute().Matches(Escaped().Replace(html, "")).Select(match => match.Value));
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', html);
        Assert.DoesNotContain('\u0007', html);
    }

    [Fact]
    public void The_page_needs_nothing_else_and_its_policy_allows_nothing_else()
    {
        var html = ReportHtml.Of(ReportPages.Of(Busy("m")));

        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(StyleOf(html))));
        Assert.Contains($"content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\"", html, StringComparison.Ordinal);
        foreach (var forbidden in new[] { "http:", "https:", "src=", "href=", "url(", "@import", " style=" }) Assert.DoesNotContain(forbidden, html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("prefers-color-scheme: dark", html, StringComparison.Ordinal);
        Assert.Contains("@media print", html, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_and_Markdown_tell_the_same()
    {
        var page = ReportPages.Of(Busy(Hostile));
        var (html, markdown) = (ReportHtml.Of(page), ReportMarkdown.Of(page));

        foreach (var text in page.Sections.SelectMany(section => section.Lines.Append(section.Title).Concat(section.Tables.SelectMany(table => table.Head.Concat(table.Rows.SelectMany(row => row))))))
        {
            Assert.Contains(SafeText.Html(text), html, StringComparison.Ordinal);
            Assert.Contains(SafeText.Markdown(text), markdown, StringComparison.Ordinal);
        }

        Assert.All(page.Sections.SelectMany(section => section.Tables), table => Assert.All(table.Rows, row => Assert.Equal(table.Head.Length, row.Length)));
    }

    [Fact]
    public void Each_row_of_a_table_in_Markdown_has_its_columns()
    {
        var (columns, rows) = (0, 0);
        foreach (var line in ReportMarkdown.Of(ReportPages.Of(Busy(Hostile))).Split('\n'))
        {
            var marks = line.Replace("\\\\", "", StringComparison.Ordinal).Replace("\\|", "", StringComparison.Ordinal).Count(letter => letter == '|');
            if (!line.StartsWith('|')) columns = 0;
            else if (columns == 0) columns = marks;
            else
            {
                Assert.Equal(columns, marks);
                rows++;
            }
        }

        Assert.True(rows > 20);
    }

    [Fact]
    public void A_report_comes_back_from_JSON_as_it_was()
    {
        var report = Busy("m");
        var json = JsonSerializer.Serialize(report, ReportJson.Default.PeriodReport);

        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(json, ReportJson.Default.PeriodReport)!, ReportJson.Default.PeriodReport));
        Assert.Contains("\"which\":\"lowest\"", json, StringComparison.Ordinal);
        Assert.Contains("\"prices_observed\":\"2026-10-03\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_without_anything_is_a_page_too()
    {
        var page = ReportPages.Of(ReportFacts.Of(ReportInput.Begin(ReportSample.Now.AddDays(-7), ReportSample.Now)));

        Assert.Contains("No request to a model was ever recorded.", ReportMarkdown.Of(page), StringComparison.Ordinal);
        Assert.Contains("Nothing was answered here", ReportHtml.Of(page), StringComparison.Ordinal);
        Assert.DoesNotContain("<figure", ReportHtml.Of(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Html_is_escaped_without_loss() => s_text.Sample(text => WebUtility.HtmlDecode(SafeText.Html(text)) == SafeText.Shown(text) && SafeText.Html(text).IndexOfAny(['<', '>', '"', '\'', '\n']) < 0);

    [Fact]
    public void Markdown_is_escaped_without_loss() => s_text.Sample(text =>
    {
        var markdown = SafeText.Markdown(text);
        return Backslash().Replace(markdown, "$1") == SafeText.Shown(text) && !BareMark().IsMatch(markdown);
    });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(1.2, 2)]
    [InlineData(3, 5)]
    [InlineData(51, 100)]
    [InlineData(100, 100)]
    [InlineData(1_234_567, 2_000_000)]
    [InlineData(double.PositiveInfinity, 1)]
    public void An_axis_ends_at_a_round_figure(double most, double end) => Assert.Equal(end, ReportCharts.Round(most), 6);

    [Fact]
    public void Charts_are_well_formed_and_stay_within_their_frame() => Gen.Select(Gen.Double[0, 1e9].Array[2].Array[1, 62], s_text).Sample((values, name) =>
    {
        ReportChart[] charts =
        [
            new ReportChart.Columns(name, ["in", "out"], [.. values.Select(two => new ChartPoint(name, [.. two]))]),
            new ReportChart.Bars(name, [.. values.Select(two => new ChartPoint(name, [two[0]]))]),
            new ReportChart.Strip(name, 0.995, [.. values.Select((two, at) => new ReportDay(new DateOnly(2026, 1, 1).AddDays(at), at % 3 == 0 ? null : two[0] / 1e9))]),
        ];
        return charts.All(chart =>
        {
            var text = new StringBuilder();
            ReportCharts.Draw(text, chart);
            var svg = XElement.Parse(text.ToString());
            var frame = svg.Attribute("viewBox")!.Value.Split(' ').Select(Number).ToArray();
            return svg.Attribute("aria-label")!.Value.Length > 0 && svg.Elements("rect").All(box =>
                Of(box, "x") >= -0.01 && Of(box, "y") >= -0.01 && Of(box, "x") + Of(box, "width") <= frame[2] + 0.02 && Of(box, "y") + Of(box, "height") <= frame[3] + 0.02);
        });

        static double Of(XElement box, string name) => Number(box.Attribute(name)!.Value);

        static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    });

    private static PeriodReport Busy(string name) => ReportFacts.Of(ReportSample.Week with
    {
        Rows =
        [
            ReportSample.Row(TimeSpan.FromHours(1), name, name, name, RequestOutcome.Answered, 40, 1000, 500),
            ReportSample.Row(TimeSpan.FromHours(60), name, name, name, RequestOutcome.Failed, 10, 100, 0),
            ReportSample.Row(TimeSpan.FromHours(90), "", "builtin", "m", RequestOutcome.Answered, 7, 10, 20),
        ],
        Uptime = new Dictionary<UptimeKey, UptimeSpan> { [ReportSample.Day(1)] = ReportSample.Span(22, 2), [ReportSample.Day(1, name)] = ReportSample.Span(20, 4) },
        Events = [.. Enumerable.Range(1, 4).Select(number => ReportSample.Event(TimeSpan.FromHours(number), HistoryKind.Healing, name, "recovered", """{"seconds":2}""")), ReportSample.Event(TimeSpan.FromHours(1), HistoryKind.Update, name, "switched")],
        OwnRequests = 3,
        Library = [new(name + " unused", 4_000_000_000, ReportSample.Now.AddDays(-30))],
    });

    private static string StyleOf(string html) => html[(html.IndexOf("<style>", StringComparison.Ordinal) + 7)..html.IndexOf("</style>", StringComparison.Ordinal)];

    [GeneratedRegex(@"</?([!a-zA-Z][a-zA-Z0-9]*)")]
    private static partial Regex Tag();

    /// <summary>Of a kind that runs something.</summary>
    [GeneratedRegex(@"<[^>]*\son[a-z]+\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Attribute();

    /// <summary>The values of attributes: what stands there is no name of one.</summary>
    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Escaped();

    [GeneratedRegex(@"\\([\\`*_\[\]<>#!|~&@:.])")]
    private static partial Regex Backslash();

    /// <summary>A mark with no backslash of its own before it; an underscore within a word is none.</summary>
    [GeneratedRegex(@"(?<!\\)(?:\\\\)*(?:[`*\[\]<>#|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")]
    private static partial Regex BareMark();
}
