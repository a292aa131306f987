namespace Helix.Tests.Telemetry;

/// <param name="Kind"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
/// <param name="Samples">By their attributes; of a histogram none.</param>
internal sealed record OtlpMetric(string Name, string Unit, string Help, string Kind, Dictionary<string, double> Samples)
{
    /// <summary>As https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ translates it: a unit in braces is none.</summary>
    public string ExpositionName => $"{Name.Replace('.', '_')}{(Unit == "s" ? "_seconds" : "")}{(Kind == "counter" ? "_total" : "")}";
}

/// <summary>Reads what an exporter of metrics posts: OTLP's <c>ExportMetricsServiceRequest</c>, in protobuf's wire format.</summary>
internal static class OtlpMetrics
{
    private const int Gauge = 5, Sum = 7, Histogram = 9;

    public static IReadOnlyList<OtlpMetric> Read(byte[] request) =>
        [.. OtlpWire.Fields(request).Within(1).SelectMany(ofResource => ofResource.Within(2)).SelectMany(ofScope => ofScope.Within(2)).Select(Of)];

    private static OtlpMetric Of(IReadOnlyList<OtlpField> metric)
    {
        var data = metric.Single(field => field.Number is Gauge or Sum or Histogram);
        var fields = OtlpWire.Fields(data.Bytes);
        if (data.Number == Sum)
        {
            // cumulative, and it only grows
            Assert.Equal(2UL, fields.Single(field => field.Number == 2).Whole);
            Assert.Equal(1UL, fields.Single(field => field.Number == 3).Whole);
        }

        return new(
            metric.Text(1), metric.Text(3), metric.Text(2), data.Number switch { Gauge => "gauge", Sum => "counter", _ => "histogram" },
            data.Number == Histogram ? [] : fields.Within(1).ToDictionary(KeyOf, point => BitConverter.UInt64BitsToDouble(point.Single(field => field.Number == 4).Whole)));
    }

    /// <summary>As an <see cref="ExposedSample"/> has it.</summary>
    private static string KeyOf(IReadOnlyList<OtlpField> point) => string.Join(
        ',', point.Attributes(7).Select(attribute => (Name: attribute.Key.Replace('.', '_'), attribute.Value)).OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => $"{label.Name}={label.Value}"));
}
