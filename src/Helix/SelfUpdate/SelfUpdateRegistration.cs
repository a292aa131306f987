using Helix.Backup;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Install;
using Helix.Processes;
using Helix.Storage;
using Helix.Updates;

namespace Helix.SelfUpdate;

/// <summary>Brings helix itself to newer versions.</summary>
internal static class SelfUpdateRegistration
{
    /// <summary>Needs from the container: the rooms Backup, Install, Processes and Storage, and the configuration.</summary>
    public static IServiceCollection AddSelfUpdate(this IServiceCollection services) => services
        .AddSingleton<HelixReleases>()
        .AddSingleton(provider => new ReleaseIntake(provider.GetRequiredService<Downloads>(), provider.GetRequiredService<Func<HelixConfig>>()))
        .AddSingleton<ReleaseRehearsal>()
        .AddSingleton(provider => new SourceTools(provider.GetRequiredService<BoundedChild>(), provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<InstallGround>().Environment))
        .AddSingleton(provider => new SwitchTools(
            Environment.ProcessPath!, provider.GetRequiredService<KeeperClient>(), cancellationToken => OwnAnswer.PidAsync(provider.GetRequiredService<RunFolder>(), cancellationToken),
            path => CopyAsync(provider.GetRequiredService<Database>(), path), ProcessTable.Commands))
        .AddSingleton(provider => new ReleaseSwitch(
            provider.GetRequiredService<HelixReleases>(), provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<SwitchTools>(),
            provider.GetRequiredService<HistoryTable>().Append, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ReleaseSwitch>>()))
        .AddSingleton(SourcesOf)
        .AddSingleton(provider => new SelfUpdater(
            provider.GetRequiredService<SelfUpdateSources>(), provider.GetRequiredService<ReleaseSwitch>(), provider.GetRequiredService<IConfigView>(),
            provider.GetRequiredService<TimeProvider>(), new Random(), provider.GetRequiredService<ILogger<SelfUpdater>>()))
        .AddHostedService(provider => provider.GetRequiredService<SelfUpdater>());

    public static void MapSelfUpdate(this WebApplication app) => new SelfUpdateEndpoints(app.Services.GetRequiredService<SelfUpdater>()).Map(app);

    private static SelfUpdateSources SourcesOf(IServiceProvider provider)
    {
        var (releases, tools, time) = (provider.GetRequiredService<HelixReleases>(), provider.GetRequiredService<SourceTools>(), provider.GetRequiredService<TimeProvider>());
        var (begun, took) = (time.GetTimestamp(), TimeSpan.Zero);
        provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => took = time.GetElapsedTime(begun));
        return new(
            releases, provider.GetRequiredService<ReleaseIntake>(), provider.GetRequiredService<ReleaseRehearsal>(),
            new CloneLook(tools, provider.GetRequiredService<Web>(), provider.GetRequiredService<NewestLook>(), releases.Source), new SourceBuild(tools, releases.Source), ProgramInUse.Clone,
            (reason, cancellationToken) => UpdatesRegistration.BackUpAsync(provider.GetRequiredService<Backups>(), provider.GetRequiredService<IConfigView>(), reason, cancellationToken), () => took);
    }

    private static async Task CopyAsync(Database database, string path)
    {
        var copied = await database.AskAsync(connection =>
        {
            DatabaseFile.Copy(connection, path);
            return true;
        });
        // one that keeps nothing has nothing to be kept
        if (copied is Stored<bool>.Failed { Code: "no_space" } failed) throw new IOException(failed.Reason);
    }
}
