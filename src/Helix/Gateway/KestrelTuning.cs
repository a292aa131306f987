using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Helix.Gateway;

/// <summary>Kestrel as the gateway needs it: sockets answered on the thread that saw them ready, so nothing on a request's path may block.</summary>
internal static class KestrelTuning
{
    /// <summary>
    /// Lets socket completions run inline, on one thread for each eight processors: a thread that finds many sockets ready at once wakes, and is woken, less often
    /// than several that find one each, and several would keep an engine from its processors. Works only before the process makes its first socket.
    /// </summary>
    public static void CompleteSocketsInline()
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", Math.Max(1, Environment.ProcessorCount / 8).ToString(CultureInfo.InvariantCulture));
    }

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
