using System.Collections.Frozen;
using Helix.Core.Access;

namespace Helix.Core.Relay;

/// <summary>Which headers a relay passes on.</summary>
internal static class RelayHeaders
{
    /// <summary>Of one connection, not of a message.</summary>
    private static readonly FrozenSet<string> s_ofConnection = new[] { "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings" }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>A key of helix's may stand in it, or what a browser keeps for helix.</summary>
    public static bool BringsKey(string name) =>
        name.Equals("authorization", StringComparison.OrdinalIgnoreCase) || name.Equals("x-api-key", StringComparison.OrdinalIgnoreCase) || name.Equals("cookie", StringComparison.OrdinalIgnoreCase);

    /// <summary>Under the gateway's own address it is for the gateway to say; and whoever comes with a key has no use for cookies, which would be the gateway's.</summary>
    public static bool IsOfGateway(string name) =>
        name.Equals("set-cookie", StringComparison.OrdinalIgnoreCase) || name.Equals("x-request-id", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-helix-", StringComparison.OrdinalIgnoreCase);

    public static bool IsPassed(string name) => !s_ofConnection.Contains(name) && !name.StartsWith(':');

    /// <summary>The engine's own cookies, without the relay's, and without those of helix's dashboard, which a browser sends to every port of a host; null where none is left.</summary>
    public static string? WithoutCookie(string cookies, string name)
    {
        var left = cookies.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(pair => pair.Split('=')[0].Trim() is var its && its != name && !SessionRules.IsCookie(its)).ToArray();
        return left.Length == 0 ? null : string.Join("; ", left);
    }

    /// <summary>Value of a cookie in the text of the header.</summary>
    public static string? Cookie(string? cookies, string name) =>
        cookies?.Split(';', StringSplitOptions.TrimEntries).Select(pair => pair.Split('=', 2)).FirstOrDefault(pair => pair.Length == 2 && pair[0] == name)?[1];
}
