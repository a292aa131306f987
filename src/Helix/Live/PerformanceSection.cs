using Helix.Contracts;
using Helix.Core.Live;
using Helix.Telemetry;

namespace Helix.Live;

/// <summary>How fast streams began and went on, by provider and model, in the last minutes and the last hour.</summary>
internal sealed class PerformanceSection(StreamPaces paces) : ILiveSection
{
    private static readonly (string Name, int Minutes)[] s_windows = [("5m", 5), ("1h", LatencyWindow.Minutes)];

    private readonly PaceSum _sum = new();

    public string Name => "performance";

    public int Every => 5;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        foreach (var pace in paces.All.Where(pace => pace.IsToldApart))
        {
            foreach (var (name, minutes) in s_windows)
            {
                _sum.Clear();
                _sum.Add(pace, minutes);
                if (_sum.IsEmpty) continue;
                reading.Add(
                    $"{name}|{pace.Provider}|{pace.Model}", new LivePerformance(name, pace.Provider, pace.Model, _sum.FirstTokenMs, _sum.InterTokenMs, _sum.TokensPerSecond),
                    LiveJson.Default.LivePerformance);
            }
        }

        return ValueTask.CompletedTask;
    }
}
