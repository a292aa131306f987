using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Helix.Gateway;

/// <summary>Kestrel as the gateway needs it: sockets answered on the thread that saw them ready, so nothing on a request's path may block.</summary>
internal static class KestrelTuning
{
    /// <summary>Lets socket completions run inline. Works only before the process makes its first socket.</summary>
    public static void CompleteSocketsInline() => Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

    public static IWebHostBuilder UseGatewayTuning(this IWebHostBuilder host) => host
        .UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true)
        .ConfigureKestrel(Tune);

    public static void Tune(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        // a stream may pause for as long as the engine or its reader thinks; uploads keep Kestrel's limit
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxConcurrentConnections = null;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
    }
}
