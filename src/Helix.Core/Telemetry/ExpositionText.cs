using System.Buffers;
using System.Globalization;
using System.Text;

namespace Helix.Core.Telemetry;

/// <summary>Writes metrics in Prometheus' text format. All samples of a metric come after its head, and no other's between them.</summary>
internal sealed class ExpositionText(IBufferWriter<byte> to)
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>No number is longer.</summary>
    private const int MostDigits = 32;

    private string _name = "";

    /// <summary>How Prometheus calls what OpenTelemetry calls by a name with dots.</summary>
    /// <param name="unit">As UCUM writes it.</param>
    public static string NameOf(string name, string unit, MetricKind kind) =>
        $"{name.Replace('.', '_')}{(unit == Measure.Seconds ? "_seconds" : "")}{(kind == MetricKind.Counter ? "_total" : "")}";

    /// <summary>A metric with all of its samples.</summary>
    public void Write(Reading reading)
    {
        Head(reading.ExpositionName, reading.Kind, reading.Help);
        reading.Read(Sample);
    }

    /// <summary>Begins a metric.</summary>
    /// <param name="name">Letters, digits and <c>_</c>.</param>
    /// <param name="help">One line.</param>
    public void Head(string name, MetricKind kind, string help)
    {
        _name = name;
        to.Write("# HELP "u8);
        Put(name);
        to.Write(" "u8);
        Put(help);
        to.Write("\n# TYPE "u8);
        Put(name);
        to.Write(kind switch { MetricKind.Counter => " counter\n"u8, MetricKind.Gauge => " gauge\n"u8, _ => " histogram\n"u8 });
    }

    public void Sample(Labels labels, Labels more, double value)
    {
        Begin(""u8, labels, more);
        End(value);
    }

    /// <param name="bounds">Growing.</param>
    /// <param name="counts">How many lay within each bound and above the one before; the last place counts those above all bounds.</param>
    public void Histogram(Labels labels, Labels more, ReadOnlySpan<double> bounds, ReadOnlySpan<long> counts, double sum)
    {
        var count = 0L;
        for (var at = 0; at < counts.Length; at++)
        {
            count += counts[at];
            Begin("_bucket"u8, labels, more, at < bounds.Length ? bounds[at] : double.PositiveInfinity);
            End(count);
        }

        Begin("_sum"u8, labels, more);
        End(sum);
        Begin("_count"u8, labels, more);
        End(count);
    }

    private void Begin(ReadOnlySpan<byte> suffix, Labels labels, Labels more, double? bound = null)
    {
        Put(_name);
        to.Write(suffix);
        var hasAny = false;
        Part(labels.Text);
        Part(more.Text);
        if (bound is { } limit)
        {
            Part("le=\""u8);
            Put(limit);
            to.Write("\""u8);
        }

        to.Write(hasAny ? "} "u8 : " "u8);

        void Part(ReadOnlySpan<byte> text)
        {
            if (text.IsEmpty) return;
            to.Write(hasAny ? ","u8 : "{"u8);
            to.Write(text);
            hasAny = true;
        }
    }

    private void End(double value)
    {
        Put(value);
        to.Write("\n"u8);
    }

    private void Put(string text) => to.Advance(Encoding.UTF8.GetBytes(text, to.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));

    private void Put(double value)
    {
        if (double.IsInfinity(value))
        {
            to.Write(value > 0 ? "+Inf"u8 : "-Inf"u8);
            return;
        }

        value.TryFormat(to.GetSpan(MostDigits), out var length, default, CultureInfo.InvariantCulture);
        to.Advance(length);
    }
}
