using Helix.Configuration;
using Helix.Core.Models;
using Helix.Install;
using Helix.Models;
using Helix.Storage;

namespace Helix.Healing;

/// <summary>Offers the healer, and runs it.</summary>
internal static class HealingRegistration
{
    /// <summary>Needs from the container: the rooms Fleet, Install, Models and Storage.</summary>
    public static IServiceCollection AddHealing(this IServiceCollection services) => services
        .AddSingleton(Make)
        .AddHostedService(provider => provider.GetRequiredService<Healer>());

    private static Healer Make(IServiceProvider provider)
    {
        var (installations, store) = (provider.GetRequiredService<Installations>(), provider.GetRequiredService<ReleaseStore>());
        var (fleet, care, cleanup) = (provider.GetRequiredService<Fleet.Fleet>(), provider.GetRequiredService<ModelCare>(), provider.GetRequiredService<CleanupRun>());
        var (time, config) = (provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IConfigView>());
        var tools = new HealingTools(
            async id => await installations.RebuildAsync(id) is { } failed ? $"{failed.Step}: {failed.Reason}" : null,
            async (id, release) => store.Previous(id) is null ? null : (await installations.RefuseAsync(id, release.Split('+')[0]))?.Version,
            care.VerifyAsync,
            async cancellationToken =>
            {
                var gone = (await cleanup.RunAsync(onlyLook: false, cancellationToken)).Where(done => done.Problem is null).ToArray();
                return gone.Length > 0
                    ? $"the disk was full: {ByteCount.Words(gone.Sum(done => done.Item.Item.Bytes))} of old releases, caches and logs were thrown away"
                    : "the disk is full, and there is nothing of helix's own to throw away: free some space";
            });
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
}
