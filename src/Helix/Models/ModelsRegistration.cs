using Helix.Configuration;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Hardware;
using Helix.Install;
using Helix.Storage;

namespace Helix.Models;

internal static class ModelsRegistration
{
    /// <summary>The library, downloads and the arrival of a first model. Needs <see cref="HelixHome"/>, <see cref="IConfigView"/>, <see cref="HardwareOverride"/> and <see cref="TimeProvider"/>.</summary>
    /// <remarks>The catalogue is read when it is first needed, not while the daemon starts.</remarks>
    public static IServiceCollection AddModels(this IServiceCollection services) => services
        .AddSingleton(_ => CatalogResource.Load())
        .AddSingleton(provider => new LibraryFolder(provider.GetRequiredService<HelixHome>().Models))
        .AddSingleton<ModelLibrary>()
        .AddHostedService<LibraryWatch>()
        .AddSingleton(provider => new ForeignSearch(
            () => ForeignPlaces.Of(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Environment.GetEnvironmentVariable), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<ForeignWatch>()
        .AddHostedService(provider => provider.GetRequiredService<ForeignWatch>())
        .AddSingleton(provider => new DownloadOptions(() => IsOffline(provider), () => provider.GetRequiredService<IConfigView>().Current.Sources.Mirrors ?? []))
        .AddSingleton<Web>()
        .AddSingleton<Downloads>()
        .AddSingleton(provider => new Hub(provider.GetRequiredService<Web>(), () => HubEndpoint(provider)))
        .AddSingleton<ModelFetch>()
        .AddSingleton(provider => PullsOf(provider))
        .AddSingleton<ModelCare>()
        .AddSingleton(provider => new ArrivalFacts(
            provider.GetRequiredService<HardwareOverride>().Hardware, provider.GetRequiredService<ModelCatalog>, () => IsOffline(provider))
        {
            Devices = () => ModelChoice.DevicesOf(provider.GetRequiredService<HardwareOverride>().Machine(provider.GetRequiredService<MachineSurvey>().Current)),
            Surveyed = provider.GetRequiredService<MachineSurvey>().Asked,
            Returning = () => provider.GetRequiredService<ModelReturn>().IsAtWork,
        })
        .AddSingleton(provider => new ModelReturn(
            provider.GetRequiredService<ModelLibrary>(), provider.GetRequiredService<ModelCare>(), provider.GetRequiredService<IConfigView>(), () => IsOffline(provider),
            provider.GetRequiredService<HistoryTable>().Append, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ModelReturn>>()))
        .AddHostedService(provider => provider.GetRequiredService<ModelReturn>())
        .AddSingleton<ModelArrival>()
        .AddHostedService(provider => provider.GetRequiredService<ModelArrival>());

    /// <param name="served">Completes when a model of this id can be asked for: whoever brings one is told so only then.</param>
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes, Func<string, CancellationToken, Task> served)
    {
        var services = routes.ServiceProvider;
        var (library, pulls, search) = (services.GetRequiredService<ModelLibrary>(), services.GetRequiredService<ModelPulls>(), services.GetRequiredService<ForeignSearch>());
        routes.MapGet("/helix/v1/models", context => ModelEndpoints.List(context, library));
        routes.MapGet("/helix/v1/models/catalog", context => ModelEndpoints.Catalog(context, services.GetRequiredService<ModelCatalog>(), library, services.GetRequiredService<HardwareOverride>().Hardware()));
        routes.MapPost("/helix/v1/models/add", context => ModelEndpoints.Add(context, library, served));
        routes.MapPost("/helix/v1/models/pull", context => ModelEndpoints.Pull(context, pulls, served));
        routes.MapPost("/helix/v1/models/find", context => ModelEndpoints.Find(context, library, search));
        routes.MapPost("/helix/v1/models/import", context => ModelEndpoints.Import(context, library, search, served));
        routes.MapDelete("/helix/v1/models/{id}", context => ModelEndpoints.Remove(context, library));
        return routes;
    }

    private static ModelPulls PullsOf(IServiceProvider provider) => new(
        provider.GetRequiredService<ModelLibrary>(), provider.GetRequiredService<ModelFetch>(), provider.GetRequiredService<ModelCatalog>, () => HubEndpoint(provider));

    private static Uri HubEndpoint(IServiceProvider provider) => Hub.EndpointFrom(provider.GetRequiredService<IConfigView>().Current.Network.HubEndpoint);

    private static bool IsOffline(IServiceProvider provider) => DownloadOptions.OfflineByEnvironment() || provider.GetRequiredService<IConfigView>().Current.Network.Offline;
}
