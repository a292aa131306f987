using System.Net.Sockets;
using System.Security.Authentication;
using Helix.Core.Clouds;

namespace Helix.Clouds;

/// <summary>Why a cloud could not be asked, in words.</summary>
internal static class CloudTrouble
{
    public const string Remedy = "Check the network, the address, and the proxy (HTTPS_PROXY) where there is one.";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static string Offline { get; } = "helix is offline (network.offline, or HELIX_OFFLINE in its environment), so no cloud is asked";

    /// <param name="proxy">Through which it was tried; null for none.</param>
    public static string Words(CloudAddress address, Exception trouble, CloudProxy? proxy) =>
        OfProxy(trouble) is { } told ? told.Message : proxy is null ? Words(address, trouble) : $"{Words(address, trouble)} (through the proxy {proxy.Authority})";

    /// <summary>Why a proxy did not lead anywhere.</summary>
    public static ProxyTrouble OfProxy(CloudProxy proxy, Exception trouble) => new(trouble switch
    {
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => $"the proxy {proxy.Authority} cannot be reached: its name is not known here",
        SocketException => $"the proxy {proxy.Authority} cannot be reached: {trouble.Message}",
        OperationCanceledException => $"the proxy {proxy.Authority} has not led anywhere within {Patience.TotalSeconds:0} s",
        _ => $"the proxy {proxy.Authority} broke the connection off: {trouble.Message}",
    }, trouble);

    private static ProxyTrouble? OfProxy(Exception? trouble) => (trouble is null or ProxyTrouble) ? trouble as ProxyTrouble : OfProxy(trouble.InnerException);

    private static string Words(CloudAddress address, Exception trouble) => (trouble, trouble.InnerException) switch
    {
        (SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }, _) => $"{address.Host} cannot be reached: its name is not known here",
        (SocketException refused, _) => $"{address.Authority} cannot be reached: {refused.Message}",
        (AuthenticationException untrusted, _) => $"{address.Host} cannot be trusted: {untrusted.Message}",
        (OperationCanceledException, _) => $"{address.Authority} cannot be reached: no answer within {Patience.TotalSeconds:0} s",
        (_, { } inner) => Words(address, inner),
        _ => $"{address.Authority} broke the connection off: {trouble.Message}",
    };
}
