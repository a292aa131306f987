using Helix.Automation;
using Helix.Configuration;
using Helix.Core.Automation;
using Helix.Core.Models;
using Helix.Install;
using Helix.Models;
using Helix.Storage;

namespace Helix.Healing;

/// <summary>Offers the healer, and runs it.</summary>
internal static class HealingRegistration
{
    /// <summary>Needs from the container: the rooms Automation, Fleet, Install, Models and Storage.</summary>
    public static IServiceCollection AddHealing(this IServiceCollection services) => services
        .AddSingleton(Make)
        .AddHostedService(provider => provider.GetRequiredService<Healer>());

    private static Healer Make(IServiceProvider provider)
    {
        var (installations, store) = (provider.GetRequiredService<Installations>(), provider.GetRequiredService<ReleaseStore>());
        var (fleet, care, home) = (provider.GetRequiredService<Fleet.Fleet>(), provider.GetRequiredService<ModelCare>(), provider.GetRequiredService<HelixHome>());
        var (time, config) = (provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IConfigView>());
        var tools = new HealingTools(
            async id => await installations.RebuildAsync(id) is { } failed ? $"{failed.Step}: {failed.Reason}" : null,
            async (id, release) => store.Previous(id) is null ? null : (await installations.RefuseAsync(id, release.Split('+')[0]))?.Version,
            care.VerifyAsync,
            care.StampOf,
            async cancellationToken => await RoomAsync(provider.GetRequiredService<CleanupTools>(), FreeSpace.Of(home.Root), cancellationToken))
        {
            Recovers = () => config.Current.Health.AutoRecovery,
        };
        return new Healer(
            tools, FactsOf, () => fleet.Current, fleet.Nudge, provider.GetRequiredService<HistoryTable>().Append,
            time, provider.GetRequiredService<ILogger<Healer>>());

        ReleaseFacts FactsOf(string id)
        {
            var (current, words) = (store.Current(id), store.Words(id));
            var isNew = current is not null && words.Chosen == current.Version.Split('+')[0] && words.ChosenAt is { } since && time.GetUtcNow() - since < TimeSpan.FromMinutes(config.Current.Updates.WatchMinutes);
            return new(current?.Version, store.Previous(id) is not null, isNew);
        }
    }

    /// <summary>An engine may find another disk full, or the little one that its sandbox gives it: then nothing is to be thrown away.</summary>
    private static async Task<string> RoomAsync(CleanupTools cleanup, (long Free, long Total)? disk, CancellationToken cancellationToken) => disk switch
    {
        var (free, total) when !DiskWatermark.IsLow(false, free, total, cleanup.Config()) => $"the disk with helix's home has room ({ByteCount.Words(free)} are free): nothing was thrown away",
        _ when !cleanup.Config().Enabled => "the disk is full, and nothing is thrown away, for cleanup.enabled is off: free some space",
        _ => $"the disk was full, and {await cleanup.CleanAsync(cancellationToken)}",
    };
}
