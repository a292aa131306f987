namespace Helix.Storage;

/// <summary>Offers the database and its tables.</summary>
internal static class StorageRegistration
{
    public static IServiceCollection AddStorage(this IServiceCollection services, HelixHome home) => services
        .AddSingleton(provider => new Database(
            home.Database, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Database>>()))
        .AddSingleton<KeyTable>()
        .AddSingleton<SessionTable>()
        .AddSingleton<WishTable>()
        .AddSingleton<MemoryTable>()
        .AddSingleton<UptimeTable>()
        .AddSingleton<TuningTable>()
        .AddSingleton<DemandTable>()
        .AddSingleton<UsageTable>()
        .AddSingleton<SpendingTable>()
        .AddSingleton<AlertTable>()
        .AddSingleton<MessageTable>()
        .AddSingleton<HistoryTable>();
}
