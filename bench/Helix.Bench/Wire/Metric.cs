using System.Globalization;

namespace Helix.Bench.Wire;

/// <summary>Reads an engine's metrics, which are in Prometheus' text format.</summary>
internal static class Metric
{
    /// <param name="name">Of a number without labels.</param>
    public static double Of(Place place, string name)
    {
        using var link = new HttpLink(place);
        var line = link.Get("/metrics").Text.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
