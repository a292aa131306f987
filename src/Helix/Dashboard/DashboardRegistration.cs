using Helix.Access;
using Helix.Configuration;
using Helix.Daemon;
using Helix.Live;
using Helix.Storage;

namespace Helix.Dashboard;

/// <summary>The dashboard as the daemon offers it: its files, the links to sign in with, what it shows live, and its own listener.</summary>
internal static class DashboardRegistration
{
    /// <summary>Needs from the container: the rooms Access, Configuration, Fleet, Gateway, Install, Manifests and Storage.</summary>
    public static IServiceCollection AddDashboard(this IServiceCollection services) => services
        .AddSingleton(_ => PageShelf.OfThisProgram())
        .AddSingleton<PageEndpoints>()
        .AddLive()
        .AddMachineDiary()
        .AddHostedService<LiveChanges>()
        .AddSingleton<MonitorDoor>()
        .AddHostedService(provider => provider.GetRequiredService<MonitorDoor>());

    /// <summary>Goes before everything else: what comes in at the dashboard's own listener takes the same way from here on.</summary>
    public static void UseMonitorDoor(this WebApplication app)
    {
        var monitor = app.Services.GetRequiredService<MonitorDoor>();
        app.Use(next => monitor.LeadTo(next));
    }

    public static void MapDashboard(this WebApplication app, DaemonFacts facts, ProviderRoster roster)
    {
        var services = app.Services;
        var monitor = services.GetRequiredService<MonitorDoor>();
        services.GetRequiredService<PageEndpoints>().Map(app);
        new LinkEndpoint(services.GetRequiredService<PageShelf>(), services.GetRequiredService<SignInLinks>(), () => monitor.Address ?? facts.Address).Map(app);
        new SettingsEndpoints(services.GetRequiredService<HelixHome>(), services.GetRequiredService<ConfigWatch>(), services.GetRequiredService<TimeProvider>()).Map(app);
        services.GetRequiredService<LiveSections>().AddDaemonTo(services, facts, roster, () => monitor.Address);
        app.MapLive();
    }
}
