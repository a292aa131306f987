using Helix.Core.Configuration;
using Helix.Core.Gateway;

namespace Helix.Core.Access;

/// <summary>Who may do what from where. Decided from the head of a request, before its body is read.</summary>
internal static class AccessPolicy
{
    private const string MakeKey = "Make a key with `helix keys create NAME` and send it as `Authorization: Bearer KEY`.";

    public static AccessDecision Decide(in AccessQuestion asked, HelixConfig config)
    {
        if (asked.Listener == ListenerKind.UnixSocket || asked.Path == PathClass.Public) return AccessDecision.Allow.Instance;
        return Address(asked, config) ?? Page(asked) ?? Monitor(asked) ?? Key(asked, config) ?? Content(asked) ?? (AccessDecision)AccessDecision.Allow.Instance;
    }

    private static AccessDecision.Refuse? Address(in AccessQuestion asked, HelixConfig config) =>
        asked.Local is { } local && HostCheck.IsOurs(asked.Host, local, config.Gateway.AllowedHosts ?? []) ? null : new(
            403,
            "host_not_allowed",
            $"The host name '{Shown(asked.Host)}' is not one of this gateway's.",
            "Use the address that `helix status` shows, or add the name to gateway.allowed_hosts.");

    private static AccessDecision.Refuse? Page(in AccessQuestion asked)
    {
        var foreign = asked.Origin is { } origin && !IsSameOrigin(origin, asked.Host);
        if (!foreign && asked.FetchSite is null or "same-origin" or "none") return null;
        // a link to the dashboard may stand anywhere: its files are the same for everybody, and whose session it is does not matter to them
        if (asked is { Path: PathClass.Page, IsNavigation: true, Origin: null } && IsRead(asked)) return null;
        return new(
            403,
            "cross_site",
            "A web page from another site may not use this gateway.",
            "Call it from a program, or from a page that the gateway itself serves.");
    }

    /// <summary>The dashboard's own listener is no second gateway: models are asked there by its playground alone.</summary>
    private static AccessDecision.Refuse? Monitor(in AccessQuestion asked) =>
        !asked.IsMonitor || asked.Path is PathClass.Dashboard or PathClass.Page or PathClass.SignIn or PathClass.HelixApi || (asked.Path == PathClass.Inference && asked.Session != SessionProof.None) ? null : new(
            403,
            "not_here",
            "This address is for the dashboard alone.",
            "Ask at the gateway's address, which `helix status` shows.");

    private static AccessDecision.Refuse? Key(in AccessQuestion asked, HelixConfig config)
    {
        var scope = ScopeFor(asked.Path);
        switch (asked.Key.Presence)
        {
            case KeyPresence.Wrong:
                return new(401, "invalid_api_key", "The key is not known; it may have been revoked.", MakeKey);
            case KeyPresence.Known when scope == KeyScopes.None || (asked.Key.Scopes & (scope | KeyScopes.Admin)) != KeyScopes.None:
                return null;
            case KeyPresence.Known:
                var name = scope.Names()[0];
                return new(403, "insufficient_scope", $"The key has no scope '{name}'.", $"Make one with `helix keys create NAME --scope {name}`.");
        }

        var open = (asked.Path == PathClass.Page && IsRead(asked)) || (asked.Path == PathClass.SignIn && (IsRead(asked) || asked.Method == "POST")) || (asked.Listener == ListenerKind.Loopback
            && (asked.Path is PathClass.Dashboard or PathClass.Page || (asked.Path is PathClass.Inference or PathClass.Metrics && !asked.IsMonitor && !config.Security.RequireKey)));
        if (open) return null;
        // what an engine serves would be a page of this origin: no browser goes there with what it keeps for the dashboard
        if (asked.Session != SessionProof.None && asked.Path != PathClass.EngineApi) return Session(asked);
        if (asked.Key.Presence == KeyPresence.Foreign)
            return new(401, "invalid_api_key", "The key is not one of this gateway's; its keys begin with hx_.", MakeKey);
        return asked.Path switch
        {
            PathClass.HelixApi or PathClass.SignIn => new(401, "missing_api_key", "helix's own API needs a key with the scope 'admin' here, or a browser that has signed in.", "Use the helix command on this machine, sign in with `helix dashboard`, or make a key with `helix keys create NAME --scope admin`."),
            PathClass.EngineApi => new(401, "missing_api_key", "An engine's own API needs a key with the scope 'admin'.", "Make one with `helix keys create NAME --scope admin` and send it as `Authorization: Bearer KEY`."),
            PathClass.Metrics => new(401, "missing_api_key", "The metrics need a key with the scope 'metrics' here.", "Make one with `helix keys create NAME --scope metrics` and send it as `Authorization: Bearer KEY`."),
            _ => new(401, "missing_api_key", "This gateway needs a key here.", MakeKey),
        };
    }

    /// <summary>Whoever signed in may do all that an admin may; what changes something has to come from the page itself, and not only from its browser.</summary>
    private static AccessDecision.Refuse? Session(in AccessQuestion asked) => asked.Session == SessionProof.Token || IsRead(asked) ? null : new(
        403,
        "csrf",
        "The request does not bring the token of its session.",
        $"Send what signing in answered as `{SessionRules.TokenHeader}`; where it is lost, sign in again: `helix dashboard`.");

    private static bool IsRead(in AccessQuestion asked) => asked.Method is "GET" or "HEAD";

    /// <summary>Besides <see cref="KeyScopes.Admin"/>; none where any key will do.</summary>
    private static KeyScopes ScopeFor(PathClass path) => path switch
    {
        PathClass.HelixApi or PathClass.SignIn or PathClass.EngineApi => KeyScopes.Admin,
        PathClass.Metrics => KeyScopes.Metrics,
        PathClass.Inference => KeyScopes.Infer,
        _ => KeyScopes.None,
    };

    private static AccessDecision.Refuse? Content(in AccessQuestion asked)
    {
        if (asked.Path == PathClass.EngineApi || (asked.Method is "GET" or "HEAD" or "DELETE" && !asked.HasBody)) return null;
        if (asked.Path is PathClass.HelixApi or PathClass.SignIn && !asked.HasBody && asked.ContentType is null) return null;
        return IsJson(asked.ContentType) || (asked.TakesForm && FormBoundary.IsForm(asked.ContentType)) ? null : new(
            415,
            "unsupported_content_type",
            asked.ContentType is null ? "The request names no content type." : $"The content type '{Shown(asked.ContentType)}' is not understood.",
            $"Send the header `Content-Type: application/json`{(asked.TakesForm ? ", or a form with `Content-Type: multipart/form-data; boundary=...`" : "")}.");
    }

    private static bool IsJson(string? contentType)
    {
        var type = contentType.AsSpan();
        var end = type.IndexOf(';');
        return (end < 0 ? type : type[..end]).Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsSameOrigin(string origin, string? host) =>
        host is not null
        && (origin.AsSpan().StartsWith("http://") ? origin.AsSpan(7) : origin.AsSpan().StartsWith("https://") ? origin.AsSpan(8) : default)
            .Equals(host, StringComparison.OrdinalIgnoreCase);

    private static string Shown(string? text) => text is null ? "" : text.Length <= 80 ? text : text[..80] + "…";
}
