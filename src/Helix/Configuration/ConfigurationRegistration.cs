using Helix.Contracts;

namespace Helix.Configuration;

internal static class ConfigurationRegistration
{
    public static IServiceCollection AddConfigurationFile(this IServiceCollection services) =>
        services
            .AddSingleton<ConfigWatch>()
            .AddSingleton<IConfigView>(provider => provider.GetRequiredService<ConfigWatch>())
            .AddHostedService(provider => provider.GetRequiredService<ConfigWatch>());

    public static IEndpointRouteBuilder MapConfigurationFile(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/helix/v1/config/reload", Reload);
        return routes;
    }

    private static Task Reload(HttpContext context) =>
        context.Response.WriteAsJsonAsync(
            context.RequestServices.GetRequiredService<ConfigWatch>().Reload(), ApiJson.Default.ReloadReport, cancellationToken: context.RequestAborted);
}
