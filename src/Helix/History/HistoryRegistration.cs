using Helix.Live;
using Helix.Storage;

namespace Helix.History;

/// <summary>Offers the history and the uptime, and counts the latter.</summary>
internal static class HistoryRegistration
{
    /// <summary>Needs from the container: the rooms Fleet and Storage, and the run folder.</summary>
    public static IServiceCollection AddHistory(this IServiceCollection services) => services
        .AddSingleton<UptimeWatch>()
        .AddHostedService(provider => provider.GetRequiredService<UptimeWatch>())
        .AddSingleton<HistoryEndpoints>();

    /// <summary>Needs from the container also: the room Live.</summary>
    public static void MapHistory(this WebApplication app)
    {
        var services = app.Services;
        var (endpoints, history, bell) = (services.GetRequiredService<HistoryEndpoints>(), services.GetRequiredService<HistoryTable>(), services.GetRequiredService<LiveBell>());
        endpoints.Map(app);
        services.GetRequiredService<LiveSections>().Add(new UptimeSection(endpoints.UptimeAsync)).Add(new EventSection(history));
        history.TellOf(_ => bell.Ring(EventSection.Called));
    }
}
