using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Live;
using Helix.Core.Telemetry;
using Helix.Fleet;
using Helix.Gateway;
using Helix.Telemetry;

namespace Helix.Live;

/// <summary>How fast streams began and went on, by provider and model, in the last minutes and the last hour.</summary>
internal sealed class PerformanceSection(IFleetView fleet, GatewayCounters counters) : ILiveSection
{
    private static readonly (string Name, int Minutes)[] s_windows = [("5m", 5), ("1h", 60)];

    public string Name => "performance";

    public int Every => 5;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        foreach (var place in Places(fleet.Current).GroupBy(place => (place.Provider, place.Model)))
        {
            var traffic = place.Select(each => counters.Find(each.Instance)).OfType<InstanceTraffic>().ToArray();
            foreach (var (name, minutes) in s_windows)
            {
                var (first, pause) = (Of(traffic, static its => its.FirstTokens, minutes), Of(traffic, static its => its.Pauses, minutes));
                if (first is null && pause is null) continue;
                reading.Add($"{name}|{place.Key.Provider}|{place.Key.Model}", new LivePerformance(name, place.Key.Provider, place.Key.Model, first, pause), LiveJson.Default.LivePerformance);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Whoever can be asked, under which name he is counted.</summary>
    private static IEnumerable<(string Instance, string Provider, string Model)> Places(FleetSnapshot now) =>
        now.Instances.Select(instance => (instance.Name, instance.Provider, instance.Model))
            .Concat(now.Models.SelectMany(model => model.Seats.Select(seat => seat.Backend).Concat(model.Backends).OfType<Backend>().Select(backend => (backend.Instance, backend.Provider, model.Id))))
            .DistinctBy(place => place.Item1);

    private static LiveLatency? Of(InstanceTraffic[] traffic, Func<InstanceTraffic, LatencyWindow> which, int minutes)
    {
        Span<long> counts = stackalloc long[LatencyScale.Steps];
        counts.Clear();
        foreach (var its in traffic) which(its).AddTo(counts, minutes);
        var all = 0L;
        foreach (var count in counts) all += count;
        return LatencyScale.Quantile(counts, 0.5) is { } half && LatencyScale.Quantile(counts, 0.95) is { } most && LatencyScale.Quantile(counts, 0.99) is { } slowest
            ? new(all, Math.Round(half, 2), Math.Round(most, 2), Math.Round(slowest, 2))
            : null;
    }
}
