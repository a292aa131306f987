using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Helix.Gateway.Lane;

/// <summary>The lane before the server; where there is none, the server alone.</summary>
internal static class LaneRegistration
{
    /// <summary>Needs from the container: the room Gateway, and a server on sockets.</summary>
    /// <param name="closes">Whether a successor listens already; asked for once.</param>
    public static IServiceCollection AddLane(this IServiceCollection services, Func<IServiceProvider, Func<bool>> closes)
    {
        if (LaneLoop.IsSupported) services.AddSingleton(provider => new LaneLoops(LaneLoops.Fitting, provider.GetRequiredService<TimeProvider>()));
        return services.AddSingleton<IConnectionListenerFactory>(provider => new LaneListeners(
            provider.GetService<LaneLoops>(), () => Door(provider), closes(provider), provider.GetRequiredService<IOptions<SocketTransportOptions>>().Value,
            provider.GetRequiredService<IMemoryPoolFactory<byte>>(), provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<TimeProvider>()));
    }

    private static Func<HttpContext, ValueTask> Door(IServiceProvider provider)
    {
        var door = provider.GetRequiredService<FrontDoor>();
        return context => door.EnterAsync(context, Beyond);
    }

    /// <summary>Behind the door lie other rooms, which need the server.</summary>
    private static Task Beyond(HttpContext context) => throw new InvalidOperationException($"The lane took a request that no model answers: {context.Request.Method} {context.Request.Path}.");
}
