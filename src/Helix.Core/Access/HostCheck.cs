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
        if (string.IsNullOrEmpty(host) || Name(host) is not { } name) return false;
        foreach (var entry in allowed)
            if (Same(entry, host) || Same(entry, name))
                return true;
        if (Same(name, "localhost")) return true;
        return IPAddress.TryParse(name, out var address) && (IPAddress.IsLoopback(address) || address.Equals(Plain(local.Address)));
    }

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <returns>Without brackets and port; null if it is not a host.</returns>
    private static string? Name(string host)
    {
        var inBrackets = host[0] == '[';
        var end = host.IndexOf(inBrackets ? ']' : ':');
        if (end < 0) return inBrackets ? null : host;
        var rest = host.AsSpan(inBrackets ? end + 1 : end);
        var whole = (rest.IsEmpty && inBrackets) || (rest.StartsWith(':') && ushort.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out _));
        return whole ? host[(inBrackets ? 1 : 0)..end] : null;
    }
}
