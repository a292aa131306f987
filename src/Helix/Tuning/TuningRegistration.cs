using Helix.Configuration;
using Helix.Fleet;
using Helix.Gateway;
using Helix.Storage;

namespace Helix.Tuning;

/// <summary>Offers tuning, demand and wear, and runs them.</summary>
internal static class TuningRegistration
{
    /// <summary>Needs from the container: the rooms Fleet, Gateway, Storage and Updates, and the configuration.</summary>
    public static IServiceCollection AddTuning(this IServiceCollection services) => services
        .AddSingleton<SpareInstance>()
        .AddSingleton<MixMeter>()
        .AddSingleton(ToolsOf)
        .AddSingleton(provider => new Tuner(provider.GetRequiredService<TunerTools>(), provider.GetRequiredService<TuningTable>(), new Random().NextDouble))
        .AddHostedService(provider => provider.GetRequiredService<Tuner>())
        .AddSingleton(provider => new DemandWatch(
            provider.GetRequiredService<IFleetView>(), provider.GetRequiredService<DemandTable>(), name => provider.GetRequiredService<GatewayCounters>().Of(name).Requests,
            provider.GetRequiredService<Fleet.Fleet>().Warm, provider.GetRequiredService<IConfigView>(), provider.GetRequiredService<HistoryTable>().Append, provider.GetRequiredService<TimeProvider>()))
        .AddHostedService(provider => provider.GetRequiredService<DemandWatch>())
        .AddSingleton(provider => new WearWatch(new(
            provider.GetRequiredService<IFleetView>(), provider.GetRequiredService<Fleet.Fleet>().RunningAsync, name => provider.GetRequiredService<GatewayCounters>().Of(name).InFlight,
            provider.GetRequiredService<Fleet.Fleet>().Renew, provider.GetRequiredService<Fleet.Fleet>().RenewAtOnce, () => provider.GetRequiredService<IConfigView>().Current.Health.AutoRecovery, () => provider.GetRequiredService<IConfigView>().Current.Security is { AutoSandbox: true, ResourceLimits: true },
            provider.GetRequiredService<HistoryTable>().Append, provider.GetRequiredService<TimeProvider>())))
        .AddHostedService(provider => provider.GetRequiredService<WearWatch>())
        .AddSingleton<Diagnosis>()
        .AddSingleton<TuningEndpoints>();

    public static void MapTuning(this WebApplication app) => app.Services.GetRequiredService<TuningEndpoints>().Map(app);

    private static TunerTools ToolsOf(IServiceProvider provider)
    {
        var (fleet, counters) = (provider.GetRequiredService<Fleet.Fleet>(), provider.GetRequiredService<GatewayCounters>());
        var (spare, meter) = (provider.GetRequiredService<SpareInstance>(), provider.GetRequiredService<MixMeter>());
        return new(
            fleet.RunningAsync, fleet.Tune, spare.RunAsync, fleet.Reserve, fleet.Trying, provider.GetRequiredService<MeasuringTurn>(), meter.RoundAsync, name => counters.Of(name).Shapes, () => counters.InFlight, () => counters.SinceOutput,
            id => fleet.Current.Providers.FirstOrDefault(each => each.Id == id)?.Release ?? "", provider.GetRequiredService<IConfigView>(), provider.GetRequiredService<HistoryTable>().Append, provider.GetRequiredService<TimeProvider>());
    }
}
