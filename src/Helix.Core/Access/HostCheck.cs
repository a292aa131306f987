using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Helix.Core.Access;

/// <summary>
/// Whether a request addresses this gateway by a name that is its own. A name that a stranger's DNS points here (DNS rebinding) is not.
/// Any port goes with a name of this machine: behind <c>ssh -L 8000:localhost:4359</c> or a container's port the client writes another one.
/// </summary>
internal static class HostCheck
{
    public static bool IsOurs(string? host, IPEndPoint local, ImmutableArray<string> allowed)
    {
        if (string.IsNullOrEmpty(host) || !TryName(host, out var name)) return false;
        foreach (var entry in allowed)
            if (Same(entry, host) || Same(entry, name))
                return true;
        // what nearly everybody writes needs no reading
        if (Same("localhost", name) || name is "127.0.0.1") return true;
        return IPAddress.TryParse(name, out var address) && (IPAddress.IsLoopback(address) || address.Equals(Plain(local.Address)));
    }

    private static bool Same(string a, ReadOnlySpan<char> b) => b.Equals(a, StringComparison.OrdinalIgnoreCase);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <param name="name">Without brackets and port.</param>
    /// <returns>False if it is not a host.</returns>
    private static bool TryName(ReadOnlySpan<char> host, out ReadOnlySpan<char> name)
    {
        name = host;
        var inBrackets = host[0] == '[';
        var end = host.IndexOf(inBrackets ? ']' : ':');
        if (end < 0) return !inBrackets;
        name = host[(inBrackets ? 1 : 0)..end];
        var rest = host[(inBrackets ? end + 1 : end)..];
        return (rest.IsEmpty && inBrackets) || (rest.StartsWith(':') && ushort.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out _));
    }
}
