using System.Net;

namespace Helix.Core.Access;

/// <summary>On what kind of socket a request came in.</summary>
internal enum ListenerKind
{
    /// <summary>A TCP connection that can come from elsewhere; also whatever cannot be told.</summary>
    Network,

    /// <summary>A TCP connection from this machine to this machine.</summary>
    Loopback,

    /// <summary>The unix socket in helix's own folder, which only its owner can open.</summary>
    UnixSocket,
}

/// <summary>What a path is for, as far as access goes.</summary>
internal enum PathClass
{
    /// <summary>Every path that is nothing else.</summary>
    Dashboard,

    /// <summary>The dashboard's own files, which are the same for everybody.</summary>
    Page,

    /// <summary>Where a browser signs in with a link, and asks whether it is signed in.</summary>
    SignIn,

    /// <summary>Tells nothing and changes nothing.</summary>
    Public,

    /// <summary>Tells what models and engines there are and how much they are asked, and changes nothing.</summary>
    Metrics,
    Inference,
    HelixApi,

    /// <summary>An engine's own API, as it is.</summary>
    EngineApi,
}

/// <summary>Everything the policy needs to know of a request; all of it stands in the head.</summary>
/// <param name="Host">The <c>Host</c> header as sent.</param>
/// <param name="Local">Address on which the request came in; null on a unix socket.</param>
/// <param name="HasBody">Whether a body is announced.</param>
internal readonly record struct AccessQuestion(
    ListenerKind Listener,
    PathClass Path,
    string Method,
    string? Host,
    IPEndPoint? Local,
    string? Origin,
    string? FetchSite,
    string? ContentType,
    bool HasBody,
    PresentedKey Key)
{
    /// <summary>A form with files may be sent there, too.</summary>
    public bool TakesForm { get; init; }

    /// <summary>What it brings of a dashboard's session.</summary>
    public SessionProof Session { get; init; }

    /// <summary>A browser goes to it as to a page of its own, in no frame and for no script, wherever the link to it stood.</summary>
    public bool IsNavigation { get; init; }

    /// <summary>It came in on the listener that is for the dashboard alone.</summary>
    public bool IsMonitor { get; init; }
}

/// <summary>What a request brings of a session that was begun with a link.</summary>
internal enum SessionProof
{
    None,

    /// <summary>The cookie alone, which a browser sends to every port of its host by itself.</summary>
    Cookie,

    /// <summary>The session's token besides, which only the dashboard's own page knows.</summary>
    Token,
}

/// <summary>The key that came with a request, after the key ring was asked.</summary>
/// <param name="Name">Of a known one; null for any other.</param>
internal readonly record struct PresentedKey(KeyPresence Presence, KeyScopes Scopes, string? Name = null)
{
    public static PresentedKey None => default;

    public static PresentedKey Known(KeyScopes scopes, string name) => new(KeyPresence.Known, scopes, name);

    public static PresentedKey Unknown(bool looksLikeOurs) => new(looksLikeOurs ? KeyPresence.Wrong : KeyPresence.Foreign, KeyScopes.None);
}

internal enum KeyPresence
{
    None,

    /// <summary>Not a helix key at all: the placeholder that client libraries insist on. Ignored where no key is needed.</summary>
    Foreign,

    /// <summary>Written like a helix key, but none of ours. Refused everywhere, so that its owner notices.</summary>
    Wrong,
    Known,
}
