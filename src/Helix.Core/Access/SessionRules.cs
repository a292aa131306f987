using System.Buffers.Text;

namespace Helix.Core.Access;

/// <summary>How long a session of the dashboard lasts, and by what it is known.</summary>
internal static class SessionRules
{
    /// <summary>Brings the session's token: a page of another site cannot send it, and another port of this host does not know it.</summary>
    public const string TokenHeader = "x-helix-csrf";

    /// <summary>Of the longest secret text; longer ones are not looked at.</summary>
    public const int SecretLength = 43;

    /// <summary>So many browsers may be signed in; another one ends the session that was not used for the longest time.</summary>
    public const int Most = 64;

    /// <summary>After its last use.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromDays(7);

    /// <summary>After its beginning, used or not.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>When it ends if it is not used again.</summary>
    public static DateTimeOffset Ends(DateTimeOffset created, DateTimeOffset seen) => seen + Idle < created + Longest ? seen + Idle : created + Longest;

    /// <summary>A text of 256 bits, as it stands in links, cookies and headers.</summary>
    /// <param name="random">32 bytes from a cryptographic source.</param>
    public static string Secret(ReadOnlySpan<byte> random) => Base64Url.EncodeToString(random);

    /// <summary>Of the cookie. Cookies know no ports: its name keeps two helixes on one machine apart.</summary>
    /// <param name="port">On which the browser's request came in.</param>
    /// <param name="isSecure">It came over https: the prefix binds the cookie to this host.</param>
    public static string CookieName(int port, bool isSecure) => isSecure ? $"__Host-{CookieStart}{port}" : $"{CookieStart}{port}";

    /// <summary>Whether a cookie of this name is a session's, of whatever helix.</summary>
    public static bool IsCookie(ReadOnlySpan<char> name) => name.StartsWith(CookieStart, StringComparison.Ordinal) || (name.StartsWith("__Host-", StringComparison.Ordinal) && name[7..].StartsWith(CookieStart, StringComparison.Ordinal));

    private const string CookieStart = "helix-session-";
}
