using Helix.Access;
using Helix.Clouds;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Models;
using Helix.Fleet;
using Helix.Models;
using Helix.Telemetry;

namespace Helix.Gateway;

/// <summary>The gateway: <see cref="MapGateway"/> goes first, before any other room maps its endpoints.</summary>
internal static class GatewayRegistration
{
    /// <summary>Needs from the container: <see cref="Fleet.IFleetView"/>, <see cref="TimeProvider"/>, <c>Func&lt;HelixConfig&gt;</c> (the configuration of this moment), and the rooms Storage and Access.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services) => services
        .AddSingleton<GatewayCounters>()
        .AddSingleton<RequestMetrics>()
        .AddSingleton<RequestSignals>()
        .AddSingleton<MetricsEndpoint>()
        .AddSingleton<Accounts>()
        .AddHostedService(provider => provider.GetRequiredService<Accounts>())
        .AddSingleton<UsageEndpoint>()
        .AddSingleton(new CloudTrust(null))
        .AddSingleton<CloudDial>()
        .AddSingleton(_ => new Lazy<CloudPrices>(CloudPriceResource.Load))
        .AddSingleton<CloudToll>()
        .AddSingleton<RefusedKeys>()
        .AddSingleton<UpstreamPool>()
        .AddSingleton<Backends>()
        .AddSingleton<Admission>()
        .AddSingleton<SharedAnswers>()
        .AddSingleton(provider => new AnswerCache(
            provider.GetRequiredService<IFleetView>(), provider.GetRequiredService<KeyRing>(), provider.GetRequiredService<SharedAnswers>(), provider.GetRequiredService<Func<HelixConfig>>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<ModelLibrary>()))
        .AddSingleton<Aliases>()
        .AddSingleton<Attempt>()
        .AddSingleton<Hedge>()
        .AddSingleton<StandIns>()
        .AddSingleton<ShadowQueue>()
        .AddHostedService<ShadowLoop>()
        .AddSingleton<InferenceEndpoint>()
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
        app.Use(next => context => door.EnterAsync(context, next));
        app.UseRouting();
        // clients of Ollama ask whether anybody is there
        app.MapMethods("/", ["GET", "HEAD"], context => context.Response.WriteAsync(HttpMethods.IsHead(context.Request.Method) ? "" : "helix is running; it speaks OpenAI, Anthropic and Ollama.\n"));
        app.MapGet("/metrics", app.Services.GetRequiredService<MetricsEndpoint>().AnswerAsync);
        app.MapGet("/helix/v1/usage", app.Services.GetRequiredService<UsageEndpoint>().AnswerAsync);
        app.MapPost("/helix/v1/route/explain", app.Services.GetRequiredService<ExplainEndpoint>().AnswerAsync);
        return app;
    }
}
