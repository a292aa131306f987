namespace Helix.Core.Telemetry;

/// <summary>What a reader may do with a metric's samples.</summary>
internal enum MetricKind
{
    /// <summary>Grows, and begins again at 0 with the process.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,
    Histogram,
}
