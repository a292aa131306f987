using Helix.Core.Fleet;
using Helix.Healing;
using Helix.Processes;
using Helix.Sandbox;
using Helix.Storage;
using Helix.Tuning;

namespace Helix.Fleet;

/// <summary>Offers the fleet, and runs it.</summary>
internal static class FleetRegistration
{
    /// <summary>Needs from the container: <see cref="IProcessHost"/>, <see cref="BuiltinRecipe"/>, <see cref="FleetGround"/>, <see cref="OwnPorts"/>, and the rooms Configuration, Gateway, Manifests, Models and Storage.</summary>
    public static IServiceCollection AddFleet(this IServiceCollection services) => services
        .AddSingleton<ITokenWatch, GatewayTokens>()
        .AddSingleton<EngineBook>()
        .AddSingleton<LookLog>()
        .AddSingleton<AttachBook>()
        .AddSingleton<AttachLook>()
        .AddSingleton<AttachWatch>()
        .AddHostedService(provider => provider.GetRequiredService<AttachWatch>())
        .AddSingleton<FleetFeed>()
        .AddSingleton<MeasuringTurn>()
        .AddSingleton(Make)
        .AddSingleton<IFleetView>(provider => provider.GetRequiredService<Fleet>())
        .AddSingleton<ExitPump>()
        .AddHostedService<FleetHost>()
        .AddHostedService(provider => new MemoryWatch(provider.GetRequiredService<Fleet>(), provider.GetRequiredService<MemoryTable>(), new ProcessMemory().OfSessions, provider.GetRequiredService<TimeProvider>()));

    private static Fleet Make(IServiceProvider provider)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        var tokens = provider.GetRequiredService<ITokenWatch>();
        var book = provider.GetRequiredService<EngineBook>();
        var tools = new FleetTools(
            provider.GetRequiredService<IProcessHost>(),
            provider.GetRequiredService<BuiltinRecipe>().Provider,
            spec => provider.GetRequiredService<LookLog>().Noting(new EngineProber(spec, tokens, time)),
            tokens,
            time,
            provider.GetRequiredService<ILoggerFactory>())
        {
            Random = new Random(),
            Hindrance = spec => book.Hindrance(spec),
            Shrunk = book.Shrunk,
            NoteShrunk = book.NoteShrunk,
            Launching = book.NoteLaunch,
            IsAsLaunched = book.IsAsLaunched,
            Machine = MachineSigns.Of(provider.GetRequiredService<HelixHome>().Root, new SandboxMachine(provider.GetRequiredService<HelixHome>(), Environment.ProcessPath!).GroupPrefix),
        };
        var history = provider.GetRequiredService<HistoryTable>();
        return new Fleet(tools, provider.GetRequiredService<FleetFeed>().Now())
        {
            OnMeasured = provider.GetRequiredService<MemoryTable>().Set,
            // asked for when it happens: the healer needs the fleet
            OnFault = status =>
            {
                provider.GetRequiredService<Tuner>().TakeFault(status);
                provider.GetRequiredService<WearWatch>().TakeFault(status);
                provider.GetRequiredService<Healer>().Take(status);
            },
            OnTransition = (before, after, decision) =>
            {
                foreach (var happened in FleetEvents.Of(before, after, time.GetUtcNow(), decision)) history.Append(happened);
            },
        };
    }
}
