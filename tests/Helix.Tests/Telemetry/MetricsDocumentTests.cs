using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helix.Core.Fleet;
using Helix.Telemetry;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Helix.Tests.Telemetry;

/// <summary>docs/METRICS.md lists what <c>/metrics</c> writes and nothing else, and the dashboard for Grafana asks for nothing that is not there.</summary>
public sealed partial class MetricsDocumentTests : IAsyncLifetime
{
    private const string Text = """{"choices":[{"delta":{"content":"a"}}]}""";

    /// <summary>Labels of every request.</summary>
    private static readonly string[] s_request = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_response_model"];

    /// <summary>Words of Prometheus' language that stand where a metric could.</summary>
    private static readonly HashSet<string> s_words = new(["by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "and", "or", "unless"], StringComparer.Ordinal);

    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task What_is_documented_is_written_and_what_is_written_is_documented()
    {
        var documented = Documented();
        var written = await ScrapeAsync();

        Assert.Equal(documented.Values.Select(metric => (metric.Name, metric.Kind)).Order(), written.Select(metric => (metric.Name, metric.Kind)).Order());
        foreach (var metric in written)
        {
            var known = documented[metric.Name].Labels;
            Assert.Empty(metric.Samples.SelectMany(sample => sample.Labels.Keys).Where(label => label != "le").Distinct().Except(known));
            // as the names say, too
            Assert.Equal(documented[metric.Name].Unit == "s", metric.Name.EndsWith("_seconds", StringComparison.Ordinal));
        }

        // the comparison is of something: most of them have samples
        Assert.True(written.Count(metric => metric.Samples.Count > 0) >= 12, string.Join(' ', written.Where(metric => metric.Samples.Count == 0).Select(metric => metric.Name)));
    }

    [Fact]
    public void Units_are_those_that_a_collector_is_told()
    {
        var documented = Documented();

        Assert.All(_host.Services.GetRequiredService<Readings>().All, reading => Assert.Equal(reading.Unit.Trim('{', '}'), documented[reading.ExpositionName].Unit));
    }

    [Fact]
    public void Each_label_of_the_lists_is_explained()
    {
        var explained = ExplainedLabel().Matches(Document()).Select(match => match.Groups[1].Value).ToHashSet();

        Assert.Empty(s_request.Concat(["outcome", "dialect", "error_type", "gen_ai_token_type", "source", "result"]).Except(explained));
    }

    [Fact]
    public void The_dashboard_for_Grafana_asks_only_for_what_is_documented()
    {
        var documented = Documented();
        var dashboard = Dashboard();
        string[] expressions = [.. dashboard["panels"]!.AsArray().SelectMany(panel => (panel!["targets"] as JsonArray ?? new JsonArray()).Select(target => (string)target!["expr"]!))];
        Assert.True(expressions.Length >= 20);
        foreach (var expression in expressions) Check(expression, documented);

        var asked = expressions.SelectMany(expression => Asked(expression).Metrics).Select(name => FamilyOf(name, documented)).ToHashSet();
        Assert.Empty(documented.Keys.Except(asked));
        foreach (var variable in dashboard["templating"]!["list"]!.AsArray().Where(variable => (string)variable!["type"]! == "query"))
        {
            var query = LabelValues().Match((string)variable!["query"]!["query"]!);
            Assert.True(query.Success);
            Assert.Equal((string)variable["definition"]!, query.Value);
            CheckLabels([query.Groups[2].Value], [FamilyOf(query.Groups[1].Value, documented)], documented, query.Value);
        }
    }

    [Fact]
    public void The_dashboard_for_Grafana_is_one_that_can_be_imported()
    {
        var dashboard = Dashboard();
        var panels = dashboard["panels"]!.AsArray();

        Assert.Equal("helix", (string?)dashboard["uid"]);
        Assert.Equal(panels.Count, panels.Select(panel => (int)panel!["id"]!).Distinct().Count());
        foreach (var panel in panels.Where(panel => (string)panel!["type"]! != "row"))
        {
            Assert.False(string.IsNullOrEmpty((string?)panel!["title"]));
            // it works with whatever Prometheus is chosen
            Assert.Equal("${datasource}", (string?)panel["datasource"]!["uid"]);
            Assert.Equal("prometheus", (string?)panel["datasource"]!["type"]);
            Assert.NotEmpty(panel["targets"]!.AsArray());
        }

        var cells = panels.SelectMany(panel => Cells(panel!["gridPos"]!)).ToArray();
        Assert.Equal(cells.Length, cells.Distinct().Count());
        Assert.All(cells, cell => Assert.InRange(cell.X, 0, 23));

        static IEnumerable<(int X, int Y)> Cells(JsonNode place) =>
            from x in Enumerable.Range((int)place["x"]!, (int)place["w"]!)
            from y in Enumerable.Range((int)place["y"]!, (int)place["h"]!)
            select (x, y);
    }

    [Theory]
    [InlineData("sum(rate(helix_no_such_total[5m]))")]
    [InlineData("sum by (colour) (helix_requests_in_flight)")]
    [InlineData("helix_requests_in_flight{key=\"ann\"}")]
    [InlineData("rate(helix_requests_total_bucket[5m])")]
    [InlineData("sum by (le) (helix_requests_in_flight)")]
    public void What_is_not_there_is_found(string expression) => Assert.ThrowsAny<Exception>(() => Check(expression, Documented()));

    private static void Check(string expression, Dictionary<string, DocumentedMetric> documented)
    {
        var (metrics, labels) = Asked(expression);
        Assert.NotEmpty(metrics);
        CheckLabels(labels, [.. metrics.Select(name => FamilyOf(name, documented))], documented, expression);
    }

    private static void CheckLabels(IEnumerable<string> labels, string[] families, Dictionary<string, DocumentedMetric> documented, string where)
    {
        foreach (var label in labels)
        {
            // what Prometheus adds to each that it scrapes
            if (label is "job" or "instance") continue;
            var isThere = families.Any(family => documented[family].Labels.Contains(label) || (label == "le" && documented[family].Kind == "histogram"));
            Assert.True(isThere, $"{label} in {where}");
        }
    }

    private static string FamilyOf(string name, Dictionary<string, DocumentedMetric> documented)
    {
        if (documented.TryGetValue(name, out var whole) && whole.Kind != "histogram") return name;
        var cut = name.LastIndexOf('_');
        Assert.True(cut > 0 && name[cut..] is "_bucket" or "_sum" or "_count" && documented.TryGetValue(name[..cut], out var histogram) && histogram.Kind == "histogram", $"there is no {name}");
        return name[..cut];
    }

    /// <summary>Names of metrics in an expression, and of the labels that it tells apart or chooses by.</summary>
    private static (string[] Metrics, string[] Labels) Asked(string expression)
    {
        var labels = new List<string>();
        var rest = Grouping().Replace(expression, clause => Take(clause.Groups[1].Value.Split(',')));
        rest = Matchers().Replace(rest, clause => Take(Matcher().Matches(clause.Value).Select(match => match.Groups[1].Value)));
        rest = Range().Replace(rest, " ");
        return ([.. Name().Matches(rest).Select(match => match.Value).Where(name => !s_words.Contains(name)).Distinct()], [.. labels.Distinct()]);

        string Take(IEnumerable<string> names)
        {
            labels.AddRange(names.Select(name => name.Trim()).Where(name => name.Length > 0));
            return " ";
        }
    }

    private static Dictionary<string, DocumentedMetric> Documented()
    {
        var metrics = new Dictionary<string, DocumentedMetric>(StringComparer.Ordinal);
        foreach (var table in Document().Split("\n\n").Where(part => part.StartsWith("| metric |", StringComparison.Ordinal)))
        {
            var rows = table.TrimEnd().Split('\n').Select(row => row.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()).ToArray();
            foreach (var row in rows.Skip(2))
            {
                var labels = Code().Matches(row[3]).Select(match => match.Groups[1].Value);
                metrics.Add(row[0].Trim('`'), new(row[0].Trim('`'), row[1], row[2], [.. labels, .. rows[0][3].Contains("request", StringComparison.Ordinal) ? s_request : []]));
            }
        }

        return metrics;
    }

    private static string Document() => File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "METRICS.md"));

    private static JsonNode Dashboard() => JsonNode.Parse(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "grafana", "helix.json")))!;

    /// <summary>After requests of several kinds.</summary>
    private async Task<IReadOnlyList<ExposedMetric>> ScrapeAsync()
    {
        await using var engine = _host.Engine("a", talk =>
            talk.Body.Contains("stream", StringComparison.Ordinal) ? talk.StreamAsync(Text, Text, """{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":3}}}""")
            : talk.Body.Contains("broken", StringComparison.Ordinal) ? talk.JsonAsync("{}", 500)
            : talk.JsonAsync("""{"usage":{"prompt_tokens":10,"completion_tokens":4}}"""));
        _host.Fleet.Instances = [new InstanceStatus("builtin-m", "builtin", "m", ProviderState.Ready, "it answers", 1, 0, DateTimeOffset.UnixEpoch)];
        _host.Fleet.Set(_host.Model("m", "a"));
        foreach (var body in new[] { """{"model":"m","temperature":0}""", """{"model":"m","stream":true}""", """{"model":"m","messages":"broken"}""", """{"model":"none"}""" })
        {
            using var response = await _host.PostAsync(body);
            await response.Content.ReadAsStringAsync();
        }

        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        return Exposition.Parse(await _host.Client.GetStringAsync("/metrics"));
    }

    private sealed record DocumentedMetric(string Name, string Kind, string Unit, string[] Labels);

    [GeneratedRegex(@"\b(?:by|without)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex("""\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}""")]
    private static partial Regex Matchers();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*" ?""")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    /// <summary>No function: no parenthesis behind it.</summary>
    [GeneratedRegex(@"\b[a-z][a-z0-9_]*\b(?!\s*\()")]
    private static partial Regex Name();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^label_values\(([a-z0-9_]+), ([a-z_]+)\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"^\| `([a-z_]+)` \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex ExplainedLabel();
}
