using Helix.Core.Access;
using Helix.Core.Relay;

namespace Helix.Access;

/// <summary>The cookie of a session: no script reads it, no other site's page makes a browser send it.</summary>
internal static class SessionCookie
{
    /// <returns>Null where the request brings none.</returns>
    public static string? Read(HttpContext context) => RelayHeaders.Cookie(context.Request.Headers.Cookie.ToString(), NameFor(context));

    public static void Set(HttpContext context, string value) => context.Response.Cookies.Append(NameFor(context), value, OptionsFor(context, SessionRules.Longest));

    public static void Clear(HttpContext context) => context.Response.Cookies.Append(NameFor(context), "", OptionsFor(context, TimeSpan.Zero));

    private static string NameFor(HttpContext context) => SessionRules.CookieName(context.Connection.LocalPort, IsSecure(context));

    private static CookieOptions OptionsFor(HttpContext context, TimeSpan age) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = IsSecure(context),
        Path = "/",
        MaxAge = age,
    };

    /// <summary>helix itself speaks plain HTTP; whatever stands before it says whether it was asked over TLS. Who says so without need only makes the cookie stricter.</summary>
    private static bool IsSecure(HttpContext context) => context.Request.IsHttps || context.Request.Headers["X-Forwarded-Proto"].ToString().Equals("https", StringComparison.OrdinalIgnoreCase);
}
