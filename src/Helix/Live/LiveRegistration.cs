using Helix.Core.Configuration;
using Helix.Daemon;
using Helix.Fleet;
using Helix.Gateway;
using Helix.Hardware;
using Helix.Install;
using Helix.Manifests;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Live;

/// <summary>Shows open dashboards what there is, as it changes. Every room may add a part of its own to <see cref="LiveSections"/>, and ring for it at the <see cref="LiveBell"/>.</summary>
internal static class LiveRegistration
{
    /// <summary>Needs from the container: the rooms Access, Fleet and Gateway.</summary>
    public static IServiceCollection AddLive(this IServiceCollection services) => services
        .AddSingleton<LiveSections>()
        .AddSingleton<LiveBell>()
        .AddSingleton<LiveBoard>()
        .AddHostedService(provider => provider.GetRequiredService<LiveBoard>())
        .AddSingleton<LiveEndpoint>();

    /// <summary>What is kept of the machine also while nobody looks. Needs from the container: the rooms Fleet, Manifests and Storage.</summary>
    public static IServiceCollection AddMachineDiary(this IServiceCollection services) => services
        .AddSingleton(provider => new GpuWatch(provider.GetRequiredService<MachineSurvey>().LoadsAsync, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new MachineDiary(
            new(
                LinuxProcessors.Read, () => OperatingSystem.IsLinux() ? LinuxMemory.Read("/") : new(MacMemory.Total(), null), () => FreeSpace.At(provider.GetRequiredService<HelixHome>().Root),
                provider.GetRequiredService<GpuWatch>()),
            provider.GetRequiredService<IFleetView>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MachineDiary>>()))
        .AddHostedService(provider => provider.GetRequiredService<MachineDiary>());

    /// <summary>The stream alone, with what the rooms have added.</summary>
    public static void MapLive(this IEndpointRouteBuilder routes) => routes.MapGet("/helix/v1/live", routes.ServiceProvider.GetRequiredService<LiveEndpoint>().AnswerAsync);

    /// <summary>The parts that are of the daemon as a whole. Needs from the container also: the rooms Hardware, Install, Manifests and Storage, and <see cref="AddMachineDiary"/>.</summary>
    /// <param name="monitor">Address of the dashboard's own listener; null where there is none.</param>
    public static void AddDaemonTo(this LiveSections sections, IServiceProvider services, DaemonFacts facts, ProviderRoster roster, Func<string?> monitor)
    {
        var (fleet, counters, time, home) = (services.GetRequiredService<IFleetView>(), services.GetRequiredService<GatewayCounters>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<HelixHome>());
        var installations = services.GetRequiredService<Installations>();
        sections
            .Add(new HelixSection(facts, monitor))
            .Add(new ProviderSection(roster, fleet, () => installations.Current, services.GetRequiredService<ManifestShelf>(), services.GetRequiredService<ReleaseStore>(), home))
            .Add(new InstanceSection(fleet))
            .Add(new ModelSection(fleet, services.GetRequiredService<Admission>()))
            .Add(new FigureSection(fleet, counters, new EngineProcessors(ProcessTable.All, ProcessTable.Read, time), time))
            .Add(new MachineSection(
                new(home.Root, facts.MemoryBytes, services.GetRequiredService<GpuWatch>(), services.GetRequiredService<Func<HelixConfig>>(), () => services.GetRequiredService<LiveBoard>().Count), fleet, time))
            .Add(new TrafficSection(counters, time))
            .Add(new MinuteSection(services.GetRequiredService<Accounts>(), services.GetRequiredService<UsageTable>(), time))
            .Add(new PerformanceSection(counters.Paces))
            .Add(new PerformanceMinuteSection(counters.Paces))
            .Add(new MachineMinuteSection(services.GetRequiredService<MachineDiary>()))
            .Add(new RouteSection(services.GetRequiredService<RouteLog>()));
    }
}
