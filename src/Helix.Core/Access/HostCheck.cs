using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Helix.Core.Access;

/// <summary>Whether a request addresses this gateway by a name that is its own. A name that a stranger's DNS points here (DNS rebinding) is not.</summary>
internal static class HostCheck
{
    public static bool IsOurs(string? host, IPEndPoint local, ImmutableArray<string> allowed)
    {
        if (string.IsNullOrEmpty(host)) return false;
        foreach (var entry in allowed)
            if (Same(entry, host) || (Split(host) is var (bare, _) && Same(entry, bare)))
                return true;
        if (Split(host) is not var (name, port) || port != local.Port) return false;
        if (Same(name, "localhost")) return true;
        return IPAddress.TryParse(name, out var address) && (IPAddress.IsLoopback(address) || address.Equals(Plain(local.Address)));
    }

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <returns>Name without brackets, and port (80 where none is written); null if it is not a host.</returns>
    private static (string Name, int Port)? Split(string host)
    {
        var end = host[0] == '[' ? host.IndexOf(']') : host.IndexOf(':') is var colon and >= 0 ? colon - 1 : host.Length - 1;
        if (end < 0) return null;
        var name = host[0] == '[' ? host[1..end] : host[..(end + 1)];
        var rest = host.AsSpan(end + 1);
        if (rest.IsEmpty) return (name, 80);
        return rest[0] == ':' && int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? (name, port) : null;
    }
}
