using Helix.Backup;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Install;
using Helix.Fleet;
using Helix.Install;
using Helix.Live;
using Helix.Security;
using Helix.Storage;
using Helix.Tuning;
using Helix.Updates;

namespace Helix.Automation;

/// <summary>Cleans up once a day and where the disk is nearly full.</summary>
internal static class AutomationRegistration
{
    private const int Looked = 100;

    /// <summary>Needs from the container: the rooms Install and Storage, and the configuration.</summary>
    public static IServiceCollection AddAutomation(this IServiceCollection services) => services
        .AddSingleton(provider => new CleanupTools(
            // weights without a name may be somebody's: only he throws them away
            cancellationToken => provider.GetRequiredService<CleanupRun>().RunAsync(onlyLook: false, cancellationToken, [CleanupKind.Weights]),
            () => provider.GetRequiredService<Func<HelixConfig>>()().Cleanup, provider.GetRequiredService<HistoryTable>().Append, provider.GetRequiredService<TimeProvider>()))
        .AddHostedService(provider => new DailyCleanup(
            provider.GetRequiredService<CleanupTools>(), () => LastAsync(provider.GetRequiredService<HistoryTable>(), provider.GetRequiredService<HelixHome>()), new Random().NextDouble))
        .AddHostedService(provider => new DiskWatch(
            provider.GetRequiredService<CleanupTools>(), provider.GetRequiredService<HelixHome>().Logs, () => FreeSpace.Of(provider.GetRequiredService<HelixHome>().Root), provider.GetRequiredService<ILogger<DiskWatch>>()));

    /// <summary>Needs from the container also: the rooms Backup, Fleet, Live, Security, Tuning and Updates.</summary>
    public static void MapAutomation(this WebApplication app)
    {
        var services = app.Services;
        var (history, bell, fleet) = (services.GetRequiredService<HistoryTable>(), services.GetRequiredService<LiveBell>(), services.GetRequiredService<Fleet.Fleet>());
        ShownAutomation[] recurrent =
        [
            new("optimisation", "tries one change of an engine, and keeps it where it is better", "5 min, while nobody asks", "performance.auto_optimize", HistoryKind.Tuning, services.GetRequiredService<Tuner>()),
            new("updates", "looks for newer releases, and brings those that prove themselves", "hour", "auto_manager.auto_update", HistoryKind.Update, services.GetRequiredService<Updater>()),
            new("security", "looks whether files, programs, engines and sandboxes are as they should be", "10 min", "security.watch", HistoryKind.Security, services.GetRequiredService<SecurityWatch>()),
            new("backup", "backs up, and restores the backup for a test", "day", "backup.enabled", HistoryKind.Backup, services.GetRequiredService<DailyBackup>()),
        ];
        var endpoints = new AutomationEndpoints(recurrent, new(fleet.LookNow, fleet.Nudge), services.GetRequiredService<IFleetView>(), services.GetRequiredService<LookLog>(), history, services.GetRequiredService<IConfigView>());
        endpoints.Map(app);
        foreach (var each in recurrent) each.Work.Turned += () => bell.Ring(AutomationSection.Called);
        history.TellOf(happened =>
        {
            if (endpoints.Note(happened)) bell.Ring(AutomationSection.Called);
        });
        services.GetRequiredService<LiveSections>().Add(new AutomationSection(endpoints.AllAsync, endpoints.CanRun));
    }

    private static async Task<DateTimeOffset?> LastAsync(HistoryTable history, HelixHome home) =>
        await history.ReadAsync(new(Kind: HistoryKind.Cleanup, Most: Looked)) is Stored<List<HistoryEvent>>.Ok(var events) && events.FindLast(each => each.What == DailyCleanup.Cleaned) is { } last
            ? last.At
            : Directory.GetCreationTimeUtc(home.LocalLlm);
}
