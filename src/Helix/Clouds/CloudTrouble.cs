using System.Net.Sockets;
using System.Security.Authentication;
using Helix.Core.Clouds;

namespace Helix.Clouds;

/// <summary>Why a cloud could not be asked, in words.</summary>
internal static class CloudTrouble
{
    public const string Remedy = "Check the network and the address; helix goes to clouds directly, without a proxy.";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static string Offline { get; } = "helix is offline (network.offline, or HELIX_OFFLINE in its environment), so no cloud is asked";

    public static string Words(CloudAddress address, Exception trouble) => (trouble, trouble.InnerException) switch
    {
        (SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }, _) => $"{address.Host} cannot be reached: its name is not known here",
        (SocketException refused, _) => $"{address.Authority} cannot be reached: {refused.Message}",
        (AuthenticationException untrusted, _) => $"{address.Host} cannot be trusted: {untrusted.Message}",
        (OperationCanceledException, _) => $"{address.Authority} cannot be reached: no answer within {Patience.TotalSeconds:0} s",
        (_, { } inner) => Words(address, inner),
        _ => $"{address.Authority} broke the connection off: {trouble.Message}",
    };
}
