using Helix.Core.Configuration;
using Helix.Install;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Backup;

/// <summary>Offers backups, and makes one a day.</summary>
internal static class BackupRegistration
{
    private static readonly TimeSpan s_commandDeadline = TimeSpan.FromMinutes(30);

    /// <summary>Needs from the container: the rooms Install, Manifests and Storage, <see cref="BoundedChild"/>, and the configuration.</summary>
    public static IServiceCollection AddBackup(this IServiceCollection services) => services
        .AddSingleton<BackupContents>()
        .AddSingleton(provider => new BackupWrite(
            provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<BackupContents>(), (path, _) => CopyAsync(provider.GetRequiredService<Database>(), path), Daemon.DaemonVerb.Version, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new SecondPlace((words, cancellationToken) => RunAsync(provider.GetRequiredService<InstallGround>(), words, cancellationToken)))
        .AddSingleton(provider => new Backups(
            provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<BackupWrite>(), provider.GetRequiredService<SecondPlace>(), ConfigOf(provider), provider.GetRequiredService<HistoryTable>().Append, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new DailyBackup(provider.GetRequiredService<Backups>(), ConfigOf(provider), provider.GetRequiredService<TimeProvider>(), new Random().NextDouble))
        .AddHostedService(provider => provider.GetRequiredService<DailyBackup>());

    public static void MapBackup(this WebApplication app) => new BackupEndpoints(app.Services.GetRequiredService<Backups>()).Map(app);

    private static Func<BackupConfig> ConfigOf(IServiceProvider provider) => () => provider.GetRequiredService<Func<HelixConfig>>()().Backup;

    private static async Task CopyAsync(Database database, string path)
    {
        var copied = await database.AskAsync(connection =>
        {
            DatabaseFile.Copy(connection, path);
            return true;
        });
        if (copied is Stored<bool>.Failed failed) throw new BackupException(failed.Reason, failed.Remedy, failed.Code);
    }

    private static async Task<string?> RunAsync(InstallGround ground, IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        var log = Path.Combine(ground.Home.Logs, "helix", "backup-command.log");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var environment = ground.Environment();
        if ((words[0].StartsWith('/') ? words[0] : Toolbox.OnPath(environment, words[0])) is not { } program) return $"{words[0]} is not on the PATH";
        try
        {
            var end = await ground.Child.EndOfAsync(new LaunchSpec("backup-command", program, [.. words.Skip(1)], environment, ground.Home.Root, log), s_commandDeadline, static () => { }, cancellationToken);
            return end switch
            {
                { Code: 0 } => null,
                null => $"it did not end within {s_commandDeadline.TotalMinutes:0} minutes; its output is in {log}",
                _ => $"it ended with {(end.Code is { } code ? $"the code {code}" : $"the signal {end.Signal}")}; its output is in {log}",
            };
        }
        catch (SpawnFailedException refused)
        {
            return refused.Message;
        }
    }
}
