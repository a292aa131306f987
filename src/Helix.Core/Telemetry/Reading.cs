namespace Helix.Core.Telemetry;

/// <summary>Takes one sample of a metric.</summary>
/// <param name="more">Further labels.</param>
internal delegate void PutSample(Labels labels, Labels more, double value);

/// <summary>A metric whose samples are read when somebody asks. By this one description it is written for a scraper and sent to a collector.</summary>
/// <param name="Name">As OpenTelemetry writes it.</param>
/// <param name="Unit">As UCUM writes it: <c>s</c>, or in braces what is counted; empty for none.</param>
/// <param name="Kind">A counter or a gauge: how often something was how large is a <see cref="Measure"/>.</param>
/// <param name="Help">One sentence for a person.</param>
/// <param name="Read">Hands each sample on, none of them twice.</param>
internal sealed record Reading(string Name, string Unit, MetricKind Kind, string Help, Action<PutSample> Read)
{
    /// <summary>So many samples there can be; null where only what runs on this machine sets a bound.</summary>
    public int? Most { get; init; }

    /// <summary>As Prometheus writes it.</summary>
    public string ExpositionName { get; } = ExpositionText.NameOf(Name, Unit, Kind);
}
