using System.Diagnostics.Metrics;
using Helix.Core.Telemetry;
using OpenTelemetry.Metrics;

namespace Helix.Telemetry;

/// <summary>Readings as OpenTelemetry's instruments, for as long as they are sent to somebody: each time it sends, it reads.</summary>
internal sealed class ReadingMeter : IDisposable
{
    public const string Name = "helix";

    private readonly Meter _meter = new(Name, Daemon.DaemonVerb.Version);
    private readonly Dictionary<string, int> _most = new(StringComparer.Ordinal);

    public ReadingMeter(IEnumerable<Reading> readings)
    {
        foreach (var reading in readings)
        {
            var unit = reading.Unit.Length > 0 ? reading.Unit : null;
            if (reading.Most is { } most) _most[reading.Name] = most;
            if (reading.Kind == MetricKind.Counter) _meter.CreateObservableCounter<double>(reading.Name, () => Read(reading), unit, reading.Help);
            else _meter.CreateObservableGauge<double>(reading.Name, () => Read(reading), unit, reading.Help);
        }
    }

    /// <summary>How many samples of an instrument the library makes room for: what it has no room for it would tell together, as the last of them.</summary>
    /// <returns>Null: as is usual.</returns>
    public MetricStreamConfiguration? StreamOf(Instrument instrument) =>
        ReferenceEquals(instrument.Meter, _meter) && _most.TryGetValue(instrument.Name, out var most) ? new MetricStreamConfiguration { CardinalityLimit = most } : null;

    public void Dispose() => _meter.Dispose();

    private static List<Measurement<double>> Read(Reading reading)
    {
        var all = new List<Measurement<double>>();
        reading.Read((labels, more, value) =>
        {
            KeyValuePair<string, object?>[] tags = [.. labels.Pairs, .. more.Pairs];
            all.Add(new(value, tags));
        });
        return all;
    }
}
