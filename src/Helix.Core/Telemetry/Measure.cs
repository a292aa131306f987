using System.Collections.Immutable;

namespace Helix.Core.Telemetry;

/// <summary>A figure that is told by how often it was how large.</summary>
/// <param name="Name">As OpenTelemetry writes it.</param>
/// <param name="Unit">As UCUM writes it: <c>s</c>, or in braces what is counted.</param>
/// <param name="Help">One sentence for a person.</param>
/// <param name="Bounds">Growing, in its unit.</param>
internal sealed record Measure(string Name, string Unit, string Help, ImmutableArray<double> Bounds)
{
    /// <summary>The unit of a time.</summary>
    public const string Seconds = "s";

    /// <summary>As Prometheus writes it.</summary>
    public string ExpositionName { get; } = ExpositionText.NameOf(Name, Unit, MetricKind.Histogram);

    /// <summary>The bounds as whole numbers: ticks of a time, or what is counted.</summary>
    public ImmutableArray<long> Marks { get; } = [.. Bounds.Select(bound => (long)Math.Round(bound * (Unit == Seconds ? TimeSpan.TicksPerSecond : 1)))];

    /// <summary>From whole numbers to its unit.</summary>
    public double InUnit(long whole) => Unit == Seconds ? (double)whole / TimeSpan.TicksPerSecond : whole;
}
