using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Helix.Core.Clouds;

namespace Helix.Clouds;

/// <summary>Has a proxy lead a connection on to a cloud (CONNECT, RFC 9110): what is said over it from then on, it passes on without being able to read it.</summary>
internal static class ProxyTunnel
{
    private const int LongestHead = 16 << 10;

    /// <exception cref="ProxyTrouble">It does not lead there.</exception>
    /// <exception cref="SocketException">The connection to it broke.</exception>
    public static async ValueTask OpenAsync(Socket socket, CloudProxy proxy, CloudAddress address, CancellationToken cancellationToken)
    {
        var target = TargetOf(address);
        var login = proxy.Login is { } secret ? $"Proxy-Authorization: {secret.Reveal()}\r\n" : "";
        ReadOnlyMemory<byte> asking = Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: helix\r\n{login}\r\n");
        while (!asking.IsEmpty) asking = asking[await socket.SendAsync(asking, SocketFlags.None, cancellationToken)..];

        var (buffer, count) = (new byte[LongestHead], 0);
        while (true)
        {
            var length = buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8);
            if (length >= 0 && ProxyWords.IsInterim(buffer.AsSpan(0, length)))
            {
                buffer.AsSpan(length + 4, count - length - 4).CopyTo(buffer);
                count -= length + 4;
                continue;
            }

            if (length >= 0)
            {
                if (ProxyWords.Refused(buffer.AsSpan(0, length), proxy.Authority, target, proxy.Login is not null) is { } why) throw new ProxyTrouble(why);
                // the cloud says nothing before it is spoken to
                if (count > length + 4) throw new ProxyTrouble($"the proxy {proxy.Authority} says more than that it leads to {target}");
                return;
            }

            if (count == buffer.Length) throw new ProxyTrouble($"the proxy {proxy.Authority} answers with something that does not come to an end");
            var received = await socket.ReceiveAsync(buffer.AsMemory(count), SocketFlags.None, cancellationToken);
            if (received == 0) throw new ProxyTrouble($"the proxy {proxy.Authority} hung up before it led to {target}");
            count += received;
        }
    }

    /// <summary>With the port always, as CONNECT wants it.</summary>
    private static string TargetOf(CloudAddress address)
    {
        var host = address.Host.Contains(':', StringComparison.Ordinal) ? $"[{address.Host}]" : address.Host;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{address.Port}");
    }
}
