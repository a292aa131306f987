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
        var tools = new HealingTools(
            async id => await installations.RebuildAsync(id) is { } failed ? $"{failed.Step}: {failed.Reason}" : null,
            async id => store.Previous(id) is null ? null : (await installations.RollBackAsync(id))?.Version,
            care.VerifyAsync,
            async cancellationToken =>
            {
                var gone = (await cleanup.RunAsync(onlyLook: false, cancellationToken)).Where(done => done.Problem is null).ToArray();
                return gone.Length > 0
                    ? $"the disk was full: {ByteCount.Words(gone.Sum(done => done.Item.Item.Bytes))} of old releases, caches and logs were thrown away"
                    : "the disk is full, and there is nothing of helix's own to throw away: free some space";
            });
        return new Healer(
            tools, id => new(store.Current(id)?.Version, store.Previous(id) is not null), () => fleet.Current, fleet.Nudge, provider.GetRequiredService<HistoryTable>().Append,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Healer>>());
    }
}
