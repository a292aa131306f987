using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Helix.Core.Security;

namespace Helix.Access;

/// <summary>Refused requests on their way to whoever counts them. A flood fills it, and what comes beyond is dropped: it is a flood already.</summary>
internal sealed class Refusals(TimeProvider time)
{
    private const int Most = 1000;

    /// <summary>Bytes of an IPv6 address that one customer of a provider has at least: the rest he chooses himself.</summary>
    private const int NetworkBytes = 8;

    private readonly Channel<Refusal> _channel = Channel.CreateBounded<Refusal>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public ChannelReader<Refusal> Reader => _channel.Reader;

    /// <summary>Returns at once. What came over the socket of helix's own user is not counted.</summary>
    public void Note(HttpContext context, RefusalKind kind)
    {
        if (context.Connection.RemoteIpAddress is { } address) _channel.Writer.TryWrite(new(time.GetUtcNow(), SourceOf(address), kind));
    }

    /// <summary>What one can hold several of counts as one.</summary>
    public static string SourceOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address)) return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/{NetworkBytes * 8}";
    }
}
