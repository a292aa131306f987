using Helix.Contracts;
using Helix.Core.Live;
using Helix.Telemetry;

namespace Helix.Live;

/// <summary>How fast streams began and went on in each minute of the last hour: all of them, and told apart by provider and model. A minute without a stream has no value.</summary>
internal sealed class PerformanceMinuteSection(StreamPaces paces) : ILiveSection
{
    /// <summary>Of each minute, those with the most streams are told apart.</summary>
    internal const int MostApart = 12;

    private readonly PaceSum _all = new();
    private readonly PaceSum _one = new();

    public string Name => "performance_minutes";

    public int Every => 5;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        StreamPace[] known = [.. paces.All];
        var (running, first) = (paces.Running, paces.FirstMinute);
        for (var number = running - LatencyWindow.Minutes + 1; number <= running; number++)
        {
            _all.Clear();
            var apart = new List<LivePace>();
            foreach (var pace in known)
            {
                if (!_all.AddMinute(pace, number) || !pace.IsToldApart) continue;
                _one.Clear();
                _one.AddMinute(pace, number);
                apart.Add(new(pace.Provider, pace.Model, _one.FirstTokenMs, _one.InterTokenMs, _one.TokensPerSecond));
            }

            if (_all.IsEmpty) continue;
            var shown = apart.OrderByDescending(each => each.FirstTokenMs?.Count ?? 0).ThenBy(each => each.Provider, StringComparer.Ordinal).ThenBy(each => each.Model, StringComparer.Ordinal).Take(MostApart);
            reading.Add(MinuteKey.Of(first + number), new LivePerformanceMinute(_all.FirstTokenMs, _all.InterTokenMs, _all.TokensPerSecond, [.. shown]), LiveJson.Default.LivePerformanceMinute);
        }

        return ValueTask.CompletedTask;
    }
}
