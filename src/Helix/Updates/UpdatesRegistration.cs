using Helix.Access;
using Helix.Backup;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Core.Updates;
using Helix.Fleet;
using Helix.Gateway;
using Helix.Hardware;
using Helix.Install;
using Helix.Manifests;
using Helix.SelfUpdate;
using Helix.Storage;

namespace Helix.Updates;

/// <summary>Offers the updates, and runs them.</summary>
internal static class UpdatesRegistration
{
    /// <summary>Needs from the container: the rooms Fleet, Gateway, Hardware, Install, Manifests and Storage.</summary>
    public static IServiceCollection AddUpdates(this IServiceCollection services) => services
        .AddSingleton<EngineMeter>()
        .AddSingleton(provider => new ReleaseRace(
            provider.GetRequiredService<ReleaseTrial>(), provider.GetRequiredService<EngineMeter>(), provider.GetRequiredService<IFleetView>(),
            provider.GetRequiredService<FleetFeed>().Library, provider.GetRequiredService<FleetGround>().MemoryBytes, provider.GetRequiredService<Fleet.Fleet>().Reserve))
        .AddSingleton(provider => new ReleaseWatch(
            provider.GetRequiredService<IFleetView>(), name => ErrorsOf(provider.GetRequiredService<GatewayCounters>().Of(name)),
            provider.GetRequiredService<EngineMeter>().MeasureAsync, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new VersionSources(
            provider.GetRequiredService<ManifestShelf>(), provider.GetRequiredService<ReleaseStore>(), provider.GetRequiredService<NewestLook>(),
            () => provider.GetRequiredService<HardwareOverride>().Machine(provider.GetRequiredService<MachineSurvey>().Current), (reason, cancellationToken) => BackUpAsync(provider.GetRequiredService<Backups>(), provider.GetRequiredService<IConfigView>(), reason, cancellationToken)))
        .AddSingleton(provider => new Updater(
            provider.GetRequiredService<VersionSources>(), provider.GetRequiredService<Installations>(), provider.GetRequiredService<ReleaseRace>(), provider.GetRequiredService<ReleaseWatch>(), provider.GetRequiredService<MeasuringTurn>(),
            provider.GetRequiredService<IConfigView>(), provider.GetRequiredService<HistoryTable>().Append, provider.GetRequiredService<TimeProvider>(), new Random().NextDouble, provider.GetRequiredService<ILogger<Updater>>()))
        .AddHostedService(provider => provider.GetRequiredService<Updater>());

    private static ErrorCount ErrorsOf(InstanceTraffic traffic) => new(traffic.Requests, traffic.Faults);

    /// <summary>A backup that fails says so in the history, and keeps nobody from going on: the release before is kept all the same.</summary>
    public static async Task BackUpAsync(Backups backups, IConfigView config, string reason, CancellationToken cancellationToken)
    {
        if (!config.Current.Backup.Enabled) return;
        try
        {
            await backups.BackupNowAsync(reason, cancellationToken);
        }
        catch (BackupException)
        {
            // told already
        }
    }

    /// <summary><c>POST /helix/v1/updates/run</c>: looks for updates now, and installs what is due.</summary>
    public static void MapUpdates(this WebApplication app) => app.MapPost("/helix/v1/updates/run", context =>
    {
        app.Services.GetRequiredService<Updater>().RunNow();
        app.Services.GetRequiredService<SelfUpdater>().RunNow();
        return ApiAnswer.OkAsync(context, new Done("helix looks for updates now; what it does is in: helix history --kind update"), ApiJson.Default.Done, StatusCodes.Status202Accepted);
    });
}
