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
internal sealed class CloudDial(CloudTrust trust, Func<HelixConfig> config)
{
    private const int KeepAliveSeconds = 30;

    private static readonly TimeSpan s_perAddress = TimeSpan.FromSeconds(2);

    public bool IsOffline => config().Network.Offline || DownloadOptions.OfflineByEnvironment();

    public async ValueTask<CloudCall> CallAsync(CloudAddress address, CancellationToken cancellationToken)
    {
        if (IsOffline) return new CloudCall.Failed(CloudTrouble.Offline);
        Socket? socket = null;
        SslStream? stream = null;
        try
        {
            socket = await ConnectAsync(address, cancellationToken);
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(trust.Options(address.Host), cancellationToken);
            return new CloudCall.Open(socket, stream);
        }
        catch (Exception broken) when (broken is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            socket?.Dispose();
            stream?.Dispose();
            return new CloudCall.Failed(CloudTrouble.Words(address, broken));
        }
    }

    /// <summary>One of its addresses may lead nowhere, as IPv6 does in many places: the next is tried before all patience is gone.</summary>
    private static async ValueTask<Socket> ConnectAsync(CloudAddress address, CancellationToken cancellationToken)
    {
        var places = await Dns.GetHostAddressesAsync(address.Host, cancellationToken);
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
                await socket.ConnectAsync(places[at], address.Port, patience.Token);
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
