using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Install;

namespace Helix.Clouds;

/// <summary>What came of a call to a cloud.</summary>
internal abstract record CloudCall
{
    private CloudCall() { }

    /// <param name="Stream">Encrypted, over <paramref name="Socket"/>.</param>
    internal sealed record Open(Socket Socket, SslStream Stream) : CloudCall;

    internal sealed record Failed(string Reason) : CloudCall;
}

/// <summary>Opens encrypted connections to clouds, as long as anything may leave this machine.</summary>
internal sealed class CloudDial(CloudTrust trust, CloudProxies proxies, Func<HelixConfig> config)
{
    private const int KeepAliveSeconds = 30;

    private static readonly TimeSpan s_perAddress = TimeSpan.FromSeconds(2);

    public bool IsOffline => config().Network.Offline || DownloadOptions.OfflineByEnvironment();

    /// <returns>Null where the cloud is reached directly.</returns>
    public CloudProxy? ProxyFor(CloudAddress address) => proxies.For(address);

    public async ValueTask<CloudCall> CallAsync(CloudAddress address, CancellationToken cancellationToken)
    {
        if (IsOffline) return new CloudCall.Failed(CloudTrouble.Offline);
        Socket? socket = null;
        SslStream? stream = null;
        try
        {
            socket = await LineAsync(address, cancellationToken);
            // a proxy sees nothing of it: the certificate is the cloud's own
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(trust.Options(address.Host), cancellationToken);
            return new CloudCall.Open(socket, stream);
        }
        catch (Exception broken) when (broken is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            socket?.Dispose();
            stream?.Dispose();
            return new CloudCall.Failed(CloudTrouble.Words(address, broken, ProxyFor(address)));
        }
    }

    /// <summary>A connection to the cloud over which nothing was said yet, through a proxy where there is one.</summary>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    /// <exception cref="ProxyTrouble">The proxy does not lead there.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, and there is no proxy.</exception>
    public async ValueTask<Socket> LineAsync(CloudAddress address, CancellationToken cancellationToken)
    {
        if (ProxyFor(address) is not { } proxy) return await ConnectAsync(address.Host, address.Port, cancellationToken);
        if (proxy.Hindrance is { } why) throw new ProxyTrouble(why);
        Socket? socket = null;
        try
        {
            socket = await ConnectAsync(proxy.Host, proxy.Port, cancellationToken);
            await ProxyTunnel.OpenAsync(socket, proxy, address, cancellationToken);
            return socket;
        }
        catch (ProxyTrouble)
        {
            socket?.Dispose();
            throw;
        }
        catch (Exception broken) when (broken is SocketException or IOException or OperationCanceledException)
        {
            socket?.Dispose();
            throw CloudTrouble.OfProxy(proxy, broken);
        }
    }

    /// <summary>One of its addresses may lead nowhere, as IPv6 does in many places: the next is tried before all patience is gone.</summary>
    /// <exception cref="SocketException">None of its addresses can be reached.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async ValueTask<Socket> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var places = await Dns.GetHostAddressesAsync(host, cancellationToken);
        for (var at = 0; ; at++)
        {
            if (at == places.Length) throw new SocketException((int)SocketError.HostNotFound);
            var isLast = at == places.Length - 1;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (!isLast) patience.CancelAfter(s_perAddress);
            Socket? socket = null;
            try
            {
                socket = new Socket(places[at].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                // an answer that is thought about for minutes shows nothing on the wire
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
                await socket.ConnectAsync(places[at], port, patience.Token);
                return socket;
            }
            catch (Exception broken) when (broken is SocketException or OperationCanceledException)
            {
                socket?.Dispose();
                if (isLast || cancellationToken.IsCancellationRequested) throw;
            }
        }
    }
}
