using Helix.Access;
using Helix.Clouds;
using Helix.Core.Access;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Models;
using Helix.Dashboard;
using Helix.Fleet;
using Helix.Manifests;
using Helix.Models;
using Helix.Storage;
using Helix.Telemetry;

namespace Helix.Gateway;

/// <summary>The gateway: <see cref="MapGateway"/> goes first, before any other room maps its endpoints.</summary>
internal static class GatewayRegistration
{
    /// <summary>Needs from the container: <see cref="Fleet.IFleetView"/>, <see cref="TimeProvider"/>, <c>Func&lt;HelixConfig&gt;</c> (the configuration of this moment), and the rooms Storage and Access.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services) => services
        .AddSingleton<GatewayCounters>()
        .AddSingleton<WallClock>()
        .AddSingleton<RequestMetrics>()
        .AddSingleton<RequestSignals>()
        .AddSingleton<Readings>()
        .AddSingleton<MetricsEndpoint>()
        .AddSingleton<Accounts>()
        .AddHostedService(provider => provider.GetRequiredService<Accounts>())
        .AddSingleton<UsageEndpoint>()
        .AddSingleton(new CloudTrust(null))
        .AddSingleton(_ => CloudProxies.OfThisMachine)
        .AddSingleton<CloudDial>()
        .AddSingleton(_ => new Lazy<CloudPrices>(CloudPriceResource.Load))
        .AddSingleton<CloudToll>()
        .AddSingleton<RefusedKeys>()
        .AddSingleton<UpstreamPool>()
        .AddSingleton<RouteLog>()
        .AddSingleton<Costs>()
        .AddSingleton<Backends>()
        .AddSingleton<Admission>()
        .AddSingleton<ModelOrders>()
        .AddSingleton<SharedAnswers>()
        .AddSingleton<KeptAnswers>()
        .AddSingleton<MeaningQueue>()
        .AddSingleton<MeantAnswers>()
        .AddSingleton(provider => new AnswerCache(
            provider.GetRequiredService<IFleetView>(), provider.GetRequiredService<KeyRing>(), provider.GetRequiredService<KeptAnswers>(), provider.GetRequiredService<MeantAnswers>(), provider.GetRequiredService<SharedAnswers>(),
            provider.GetRequiredService<Func<HelixConfig>>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<ModelLibrary>()))
        .AddSingleton<Aliases>()
        .AddSingleton<Attempt>()
        .AddSingleton<Hedge>()
        .AddSingleton<StandIns>()
        .AddSingleton(provider => new Offers(() => provider.GetService<ManifestShelf>() is { } shelf ? shelf.Current.Manifests : ManifestResource.All))
        .AddSingleton<CaptureQueue>()
        .AddSingleton(provider => new CaptureShelf(provider.GetService<HelixHome>()?.Captures, provider.GetRequiredService<Func<HelixConfig>>(), provider.GetRequiredService<TimeProvider>()))
        .AddHostedService<CaptureLoop>()
        .AddSingleton<CaptureEndpoints>()
        .AddSingleton<ShadowScores>()
        .AddSingleton<ShadowQueue>()
        .AddHostedService<ShadowLoop>()
        .AddSingleton<InferenceEndpoint>()
        .AddHostedService(provider => new MeaningLoop(
            provider.GetRequiredService<MeaningQueue>(), provider.GetRequiredService<InferenceEndpoint>(), provider.GetRequiredService<IFleetView>(), provider.GetService<ModelLibrary>(),
            provider.GetRequiredService<Func<HelixConfig>>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MeaningLoop>>()))
        .AddSingleton<ModelsEndpoint>()
        .AddSingleton<ExplainEndpoint>()
        .AddSingleton<OpenAiRoutes>()
        .AddSingleton(provider => new OllamaRoutes(
            provider.GetRequiredService<InferenceEndpoint>(), provider.GetRequiredService<OllamaPull>(), provider.GetRequiredService<IFleetView>(), provider.GetRequiredService<Aliases>(), provider.GetService<ModelLibrary>()))
        .AddSingleton(provider => new OllamaPull(provider.GetRequiredService<IFleetView>(), provider.GetService<ModelPulls>(), () => provider.GetService<ModelCatalog>() ?? ModelCatalog.Empty))
        .AddSingleton<RequestIds>()
        .AddSingleton<FrontDoor>();

    /// <summary>Puts the front door before routing, so that a request to a model costs no routing and nothing gets past the access check.</summary>
    public static WebApplication MapGateway(this WebApplication app)
    {
        var door = app.Services.GetRequiredService<FrontDoor>();
        app.Use(next => context => door.EnterAsync(context, next).AsTask());
        app.UseRouting();
        // clients of Ollama ask whether anybody is there; a browser wants the dashboard
        var pages = app.Services.GetService<PageEndpoints>();
        app.MapMethods("/", ["GET", "HEAD"], context => pages?.IsWanted(context) == true ? pages.PageAsync(context) : HereAsync(context));
        app.MapGet("/metrics", app.Services.GetRequiredService<MetricsEndpoint>().AnswerAsync);
        app.MapGet("/helix/v1/usage", app.Services.GetRequiredService<UsageEndpoint>().AnswerAsync);
        app.MapPost(AccessPaths.Explain, app.Services.GetRequiredService<ExplainEndpoint>().AnswerAsync);
        app.MapGet("/helix/v1/route/recent", app.Services.GetRequiredService<RouteLog>().AnswerAsync);
        app.MapGet("/helix/v1/route/shadows", app.Services.GetRequiredService<ShadowScores>().AnswerAsync);
        app.Services.GetRequiredService<CaptureEndpoints>().Map(app);
        return app;
    }

    private static Task HereAsync(HttpContext context)
    {
        context.Response.Headers.Append("Vary", "Accept");
        return context.Response.WriteAsync(HttpMethods.IsHead(context.Request.Method) ? "" : "helix is running; it speaks OpenAI, Anthropic and Ollama.\n");
    }
}
