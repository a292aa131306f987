using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Helix.Tests.Telemetry;

/// <param name="Name">With <c>_bucket</c>, <c>_sum</c> or <c>_count</c>, where it is of a histogram.</param>
internal sealed record ExposedSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>What tells it from others of its metric.</summary>
    public string Key => string.Join(',', Labels.Where(label => label.Key != "le").OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
}

/// <param name="Kind"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
internal sealed record ExposedMetric(string Name, string Kind, string Help, List<ExposedSample> Samples);

/// <summary>Reads Prometheus' text format 0.0.4 as strictly as its description allows, and fails on whatever breaks it.</summary>
internal static partial class Exposition
{
    public static IReadOnlyList<ExposedMetric> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var metrics = new List<ExposedMetric>();
        string? help = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (Head().Match(line) is { Success: true } head)
            {
                var (what, name, rest) = (head.Groups[1].Value, head.Groups[2].Value, head.Groups[3].Value);
                if (what == "HELP")
                {
                    Assert.DoesNotContain(metrics, known => known.Name == name);
                    help = rest;
                    metrics.Add(new(name, "", rest, []));
                }
                else
                {
                    Assert.Equal(name, metrics[^1].Name);
                    Assert.Contains(rest, (string[])["counter", "gauge", "histogram"]);
                    metrics[^1] = metrics[^1] with { Kind = rest };
                }

                continue;
            }

            Assert.NotNull(help);
            var sample = Sample(line);
            var metric = metrics[^1];
            Assert.Contains(sample.Name, metric.Kind == "histogram" ? (string[])[$"{metric.Name}_bucket", $"{metric.Name}_sum", $"{metric.Name}_count"] : [metric.Name]);
            Assert.DoesNotContain(metric.Samples, other => other.Name == sample.Name && other.Key == sample.Key && other.Labels.GetValueOrDefault("le") == sample.Labels.GetValueOrDefault("le"));
            metric.Samples.Add(sample);
        }

        foreach (var metric in metrics) Check(metric);
        return metrics;
    }

    private static void Check(ExposedMetric metric)
    {
        Assert.NotEqual("", metric.Kind);
        if (metric.Kind == "counter") Assert.EndsWith("_total", metric.Name, StringComparison.Ordinal);
        if (metric.Kind != "gauge") Assert.All(metric.Samples, sample => Assert.True(sample.Value >= 0, $"{sample.Name} is {sample.Value}"));
        if (metric.Kind != "histogram") return;
        foreach (var one in metric.Samples.GroupBy(sample => sample.Key))
        {
            var buckets = one.Where(sample => sample.Name.EndsWith("_bucket", StringComparison.Ordinal)).ToArray();
            Assert.Equal("+Inf", buckets[^1].Labels["le"]);
            Assert.Equal(buckets[^1].Value, one.Single(sample => sample.Name == $"{metric.Name}_count").Value);
            Assert.Single(one, sample => sample.Name == $"{metric.Name}_sum");
            foreach (var (lower, upper) in buckets.Zip(buckets.Skip(1)))
            {
                Assert.True(Number(lower.Labels["le"]) < Number(upper.Labels["le"]), $"{metric.Name}: bounds do not grow");
                Assert.True(lower.Value <= upper.Value, $"{metric.Name}: counts fall");
            }
        }
    }

    private static ExposedSample Sample(string line)
    {
        var match = SampleLine().Match(line);
        Assert.True(match.Success, $"no sample: {line}");
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match label in Label().Matches(match.Groups[2].Value)) labels.Add(label.Groups[1].Value, Unescaped(label.Groups[2].Value));
        return new(match.Groups[1].Value, labels, Number(match.Groups[3].Value));
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    private static string Unescaped(string text)
    {
        var plain = new StringBuilder();
        for (var at = 0; at < text.Length; at++) plain.Append(text[at] != '\\' ? text[at] : text[++at] == 'n' ? '\n' : text[at]);
        return plain.ToString();
    }

    [GeneratedRegex("^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) ?(.*)$")]
    private static partial Regex Head();

    [GeneratedRegex("""^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*",?)*)\})? ([^ ]+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)",?""")]
    private static partial Regex Label();
}
