using Helix.Fleet;
using Helix.Models;

namespace Helix.Gateway;

/// <summary>The gateway: <see cref="MapGateway"/> goes first, before any other room maps its endpoints.</summary>
internal static class GatewayRegistration
{
    /// <summary>Needs from the container: <see cref="Fleet.IFleetView"/>, <see cref="TimeProvider"/>, <c>Func&lt;HelixConfig&gt;</c> (the configuration of this moment), and the rooms Storage and Access.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services) => services
        .AddSingleton<GatewayCounters>()
        .AddSingleton<Accounts>()
        .AddHostedService(provider => provider.GetRequiredService<Accounts>())
        .AddSingleton<UsageEndpoint>()
        .AddSingleton<UpstreamPool>()
        .AddSingleton<Backends>()
        .AddSingleton<Admission>()
        .AddSingleton<AnswerCache>()
        .AddSingleton<Attempt>()
        .AddSingleton<InferenceEndpoint>()
        .AddSingleton<ModelsEndpoint>()
        .AddSingleton<ExplainEndpoint>()
        .AddSingleton<OpenAiRoutes>()
        .AddSingleton(provider => new OllamaRoutes(
            provider.GetRequiredService<InferenceEndpoint>(), provider.GetRequiredService<IFleetView>(), provider.GetService<ModelLibrary>()))
        .AddSingleton<RequestIds>()
        .AddSingleton<FrontDoor>();

    /// <summary>Puts the front door before routing, so that a request to a model costs no routing and nothing gets past the access check.</summary>
    public static WebApplication MapGateway(this WebApplication app)
    {
        var door = app.Services.GetRequiredService<FrontDoor>();
        app.Use(next => context => door.EnterAsync(context, next));
        app.UseRouting();
        app.MapGet("/helix/v1/usage", app.Services.GetRequiredService<UsageEndpoint>().AnswerAsync);
        app.MapPost("/helix/v1/route/explain", app.Services.GetRequiredService<ExplainEndpoint>().AnswerAsync);
        return app;
    }
}
