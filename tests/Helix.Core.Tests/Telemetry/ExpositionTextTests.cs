using System.Buffers;
using System.Globalization;
using System.Text;
using CsCheck;
using Helix.Core.Telemetry;

namespace Helix.Core.Tests.Telemetry;

public sealed class ExpositionTextTests
{
    private static readonly Gen<string> s_value = Gen.String[Gen.Char["ab\"\\\n{}=, é漢"], 0, 8];

    [Fact]
    public void A_metric_has_its_head_and_a_line_for_each_sample()
    {
        var text = Written(to =>
        {
            to.Head("helix_requests_total", MetricKind.Counter, "Requests.");
            to.Sample(Labels.Of(("model", "m")), Labels.Of(("outcome", "answered")), 3);
            to.Sample(Labels.None, Labels.None, 0.25);
            to.Head("helix_uptime_seconds", MetricKind.Gauge, "Since the start.");
            to.Sample(Labels.None, Labels.Of(("a", "b")), double.PositiveInfinity);
        });

        Assert.Equal(
            """
            # HELP helix_requests_total Requests.
            # TYPE helix_requests_total counter
            helix_requests_total{model="m",outcome="answered"} 3
            helix_requests_total 0.25
            # HELP helix_uptime_seconds Since the start.
            # TYPE helix_uptime_seconds gauge
            helix_uptime_seconds{a="b"} +Inf

            """,
            text);
    }

    [Fact]
    public void A_histogram_counts_upwards_to_all_there_were()
    {
        var text = Written(to =>
        {
            to.Head("x_seconds", MetricKind.Histogram, "How long.");
            to.Histogram(Labels.Of(("model", "m")), Labels.None, [0.01, 2.5], [3, 0, 2], 7.5);
        });

        Assert.Equal(
            """
            # HELP x_seconds How long.
            # TYPE x_seconds histogram
            x_seconds_bucket{model="m",le="0.01"} 3
            x_seconds_bucket{model="m",le="2.5"} 3
            x_seconds_bucket{model="m",le="+Inf"} 5
            x_seconds_sum{model="m"} 7.5
            x_seconds_count{model="m"} 5

            """,
            text);
    }

    [Theory]
    [InlineData("a\"b", """x{model="a\"b"} 1""")]
    [InlineData("a\\b", """x{model="a\\b"} 1""")]
    [InlineData("a\nb", """x{model="a\nb"} 1""")]
    [InlineData("a}b,c=", """x{model="a}b,c="} 1""")]
    [InlineData("漢", """x{model="漢"} 1""")]
    [InlineData("", "x 1")]
    public void What_would_end_a_label_is_escaped_and_an_empty_one_left_out(string value, string line) => Assert.Equal(
        line,
        Written(to =>
        {
            to.Head("x", MetricKind.Gauge, "");
            to.Sample(Labels.Of(("model", value)), Labels.None, 1);
        }).Split('\n')[^2]);

    [Theory]
    [InlineData("helix.uptime", "s", false, "helix_uptime_seconds")]
    [InlineData("helix.requests", "{request}", true, "helix_requests_total")]
    [InlineData("helix.instance.state", "", false, "helix_instance_state")]
    public void One_description_is_written_for_Prometheus_and_has_OpenTelemetrys_names(string name, string unit, bool counts, string written)
    {
        var reading = new Reading(name, unit, counts ? MetricKind.Counter : MetricKind.Gauge, "Helps.", put => put(Labels.Of(("gen_ai.request.model", "m"), ("none", "")), Labels.None, 2));

        var text = Written(to => to.Write(reading));

        Assert.Equal($"# HELP {written} Helps.\n# TYPE {written} {(counts ? "counter" : "gauge")}\n{written}{{gen_ai_request_model=\"m\"}} 2\n", text);
        reading.Read((labels, _, _) => Assert.Equal("gen_ai.request.model=m", string.Join(',', labels.Pairs.Select(pair => $"{pair.Key}={pair.Value}"))));
    }

    [Fact]
    public void What_was_written_can_be_read_back() => Gen.Select(s_value, s_value, Gen.Double).Sample((model, provider, value) =>
    {
        var text = Written(to =>
        {
            to.Head("x", MetricKind.Gauge, "help");
            to.Sample(Labels.Of(("model", model)), Labels.Of(("provider", provider)), value);
        });

        var lines = text.Split('\n');
        var (name, labels, read) = Parse(lines[2]);
        return lines.Length == 4 && name == "x" && labels.GetValueOrDefault("model", "") == model && labels.GetValueOrDefault("provider", "") == provider && read.Equals(value);
    });

    [Fact]
    public void Buckets_only_grow_and_the_last_holds_all() => Gen.Select(Gen.Long[0, 1000].Array[1, 20], Gen.Double[0, 1e6]).Sample((counts, sum) =>
    {
        double[] bounds = [.. Enumerable.Range(1, counts.Length - 1).Select(at => at / 4.0)];
        var samples = Written(to =>
        {
            to.Head("x", MetricKind.Histogram, "help");
            to.Histogram(Labels.None, Labels.None, bounds, counts, sum);
        }).Split('\n').Where(line => line.StartsWith('x')).Select(Parse).ToArray();

        var buckets = samples.Where(sample => sample.Name == "x_bucket").ToArray();
        var grows = buckets.Zip(buckets.Skip(1)).All(pair => pair.First.Value <= pair.Second.Value);
        var read = buckets.SkipLast(1).Select(bucket => double.Parse(bucket.Labels["le"], CultureInfo.InvariantCulture));
        var (total, all) = (samples[^2], samples[^1]);
        return grows && read.SequenceEqual(bounds) && buckets[^1].Labels["le"] == "+Inf" && buckets[^1].Value == counts.Sum()
            && total.Name == "x_sum" && total.Value.Equals(sum) && all.Name == "x_count" && all.Value == counts.Sum();
    });

    private static string Written(Action<ExpositionText> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        write(new ExpositionText(bytes));
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Reads a line as Prometheus does.</summary>
    private static (string Name, Dictionary<string, string> Labels, double Value) Parse(string line)
    {
        var at = line.AsSpan().IndexOfAny('{', ' ');
        var (name, labels) = (line[..at], new Dictionary<string, string>());
        while (line[at] is '{' or ',')
        {
            var equals = line.IndexOf('=', at);
            var label = line[(at + 1)..equals];
            var value = new StringBuilder();
            for (at = equals + 2; line[at] != '"'; at++)
            {
                if (line[at] != '\\') value.Append(line[at]);
                else value.Append(line[++at] == 'n' ? '\n' : line[at]);
            }

            labels.Add(label, value.ToString());
            if (line[++at] == '}') at++;
        }

        var number = line[(at + 1)..];
        return (name, labels, number switch { "+Inf" => double.PositiveInfinity, "-Inf" => double.NegativeInfinity, _ => double.Parse(number, CultureInfo.InvariantCulture) });
    }
}
