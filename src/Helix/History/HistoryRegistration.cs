namespace Helix.History;

/// <summary>Offers the history and the uptime, and counts the latter.</summary>
internal static class HistoryRegistration
{
    /// <summary>Needs from the container: the rooms Fleet and Storage, and the run folder.</summary>
    public static IServiceCollection AddHistory(this IServiceCollection services) => services
        .AddSingleton<UptimeWatch>()
        .AddHostedService(provider => provider.GetRequiredService<UptimeWatch>())
        .AddSingleton<HistoryEndpoints>();

    public static void MapHistory(this WebApplication app) => app.Services.GetRequiredService<HistoryEndpoints>().Map(app);
}
