using System.Globalization;
using Helix.Configuration;
using Helix.Core.Fleet;
using Helix.Core.History;
using Helix.Core.Tuning;
using Helix.Fleet;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Tuning;

/// <summary>Remembers when each model is asked for, and starts those that are usually asked for at this hour a little before it.</summary>
/// <param name="asked">Requests that an instance was sent since the daemon began.</param>
/// <param name="warm">Starts a model where there is room for it.</param>
internal sealed class DemandWatch(IFleetView fleet, DemandTable table, Func<string, long> asked, Action<string> warm, IConfigView config, Action<HistoryEvent> tell, TimeProvider time) : BackgroundLoop
{
    /// <summary>Before the hour.</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, DemandForecast> _forecasts = new Dictionary<string, DemandForecast>();
    private long _madeIn = -1;

    /// <summary>By model; made anew each hour.</summary>
    public IReadOnlyDictionary<string, DemandForecast> Forecasts => Volatile.Read(ref _forecasts);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await LookAsync();
            await Task.Delay(s_look, time, stoppingToken);
        }
    }

    internal async Task LookAsync()
    {
        var (now, current) = (time.GetUtcNow(), fleet.Current);
        table.Add(now, Counted(current));
        var hour = now.ToUnixTimeSeconds() / 3600;
        if (hour != _madeIn && await table.AllAsync() is Stored<ILookup<string, HourCount>>.Ok(var counts))
        {
            _madeIn = hour;
            var since = counts[DemandTable.Counted].Select(count => count.Hour).DefaultIfEmpty(now).Min();
            Volatile.Write(ref _forecasts, counts.Where(model => model.Key != DemandTable.Counted).ToDictionary(model => model.Key, model => DemandForecast.Of([.. model], since, now), StringComparer.Ordinal));
        }

        if (!config.Current.Performance.PredictScaling) return;
        foreach (var model in current.Models)
            if (!model.IsSelfTest && Forecasts.GetValueOrDefault(model.Id) is { IsFollowed: true } forecast && forecast.IsLikely(now, Lead)) Warm(model, forecast, now);
    }

    private void Warm(ServedModel model, DemandForecast forecast, DateTimeOffset now)
    {
        warm(model.Id);
        var likely = (now + Lead).ToUnixTimeSeconds() / 3600;
        if (!model.Backends.IsEmpty || _told.GetValueOrDefault(model.Id) == likely) return;
        _told[model.Id] = likely;
        var chance = Math.Max(forecast.Chances[DemandForecast.IndexOf(now)], forecast.Chances[DemandForecast.IndexOf(now + Lead)]);
        tell(new(now, HistoryKind.Demand, Severity.Info, null, model.Id, "warmed", string.Create(CultureInfo.InvariantCulture, $"{model.Id} is started where there is room: at this hour of the week it was used in {chance * 100:0} % of the {forecast.Weeks} weeks that were seen, newer ones counting more; {forecast.Words}")));
    }

    /// <summary>What was asked of each model since the last look; and that somebody looked.</summary>
    private Dictionary<string, long> Counted(FleetSnapshot current)
    {
        var counted = new Dictionary<string, long>(StringComparer.Ordinal) { [DemandTable.Counted] = 1 };
        foreach (var instance in current.Instances)
        {
            var all = asked(instance.Name);
            if (all - _seen.GetValueOrDefault(instance.Name) is > 0 and var more) counted[instance.Model] = counted.GetValueOrDefault(instance.Model) + more;
            _seen[instance.Name] = all;
        }

        return counted;
    }
}
