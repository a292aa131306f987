namespace Helix.Access;

/// <summary>Keys, sessions, the door that every request passes, and the endpoints to manage keys and sessions.</summary>
internal static class AccessRegistration
{
    public static IServiceCollection AddAccess(this IServiceCollection services) => services
        .AddSingleton<KeyRing>()
        .AddSingleton<SessionRing>()
        .AddSingleton<SignInLinks>()
        .AddSingleton<SessionEndpoints>()
        .AddHostedService<KeyLoading>()
        .AddSingleton<KeyEndpoints>()
        .AddSingleton<Refusals>()
        .AddSingleton<AccessDoor>();

    public static IEndpointRouteBuilder MapAccess(this IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<KeyEndpoints>();
        routes.MapGet("/helix/v1/keys", endpoints.ListAsync);
        routes.MapPost("/helix/v1/keys", endpoints.CreateAsync);
        routes.MapDelete("/helix/v1/keys/{name}", endpoints.RevokeAsync);
        routes.ServiceProvider.GetRequiredService<SessionEndpoints>().Map(routes);
        return routes;
    }
}
