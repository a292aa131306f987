using Helix.Core.Fleet;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Fleet;

/// <summary>Offers the fleet, and runs it.</summary>
internal static class FleetRegistration
{
    /// <summary>Needs from the container: <see cref="IProcessHost"/>, <see cref="BuiltinRecipe"/>, <see cref="FleetGround"/>, and the rooms Configuration, Gateway, Models and Storage.</summary>
    public static IServiceCollection AddFleet(this IServiceCollection services) => services
        .AddSingleton<ITokenWatch, GatewayTokens>()
        .AddSingleton<FleetFeed>()
        .AddSingleton(Make)
        .AddSingleton<IFleetView>(provider => provider.GetRequiredService<Fleet>())
        .AddSingleton<ExitPump>()
        .AddHostedService<FleetHost>();

    private static Fleet Make(IServiceProvider provider)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        var tokens = provider.GetRequiredService<ITokenWatch>();
        var tools = new FleetTools(
            provider.GetRequiredService<IProcessHost>(),
            provider.GetRequiredService<BuiltinRecipe>(),
            spec => new EngineProber(spec, tokens, time),
            tokens,
            time,
            provider.GetRequiredService<ILoggerFactory>())
        {
            Random = new Random(),
        };
        var history = provider.GetRequiredService<HistoryTable>();
        return new Fleet(tools, provider.GetRequiredService<FleetFeed>().Now())
        {
            OnTransition = (before, after) => history.Append(
                new(time.GetUtcNow(), after.Name, before?.State ?? ProviderState.Standby, after.State, after.Reason)),
        };
    }
}
