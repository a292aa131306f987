using System.Net;
using System.Net.Sockets;
using Helix.Core.Access;
using Helix.Gateway.Lane;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Primitives;

namespace Helix.Access;

/// <summary>Reads from a request's head what <see cref="AccessPolicy"/> asks about.</summary>
internal static class RequestFacts
{
    private const string Json = "application/json";

    public static AccessQuestion Ask(HttpContext context, KeyRing keys, SessionRing sessions)
    {
        var lane = context as LaneContext;
        if (lane?.Facts is not { } head)
        {
            head = Read(context);
            if (lane is not null) lane.Facts = head;
        }

        var isOwner = head.Question.Listener == ListenerKind.UnixSocket;
        return head.Question with
        {
            HasBody = context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0,
            Key = isOwner ? PresentedKey.None : keys.Present(head.Key, lane?.LastKey),
            Session = isOwner || !head.HasCookie ? SessionProof.None : Proof(context, sessions),
            IsMonitor = context.Features.Get<MonitorMark>() is not null,
        };
    }

    private static HeadFacts Read(HttpContext context)
    {
        var headers = context.Request.Headers;
        var path = AccessPaths.Classify(context.Request.Path.Value);
        var (kind, local) = Listener(context);
        var contentType = One(headers.ContentType);
        var question = new AccessQuestion(
            kind,
            path,
            context.Request.Method,
            One(headers.Host),
            local,
            One(headers.Origin),
            One(headers["Sec-Fetch-Site"]),
            contentType,
            HasBody: false,
            PresentedKey.None)
        {
            // of who sends JSON it is not asked what else might be sent
            TakesForm = contentType != Json && path is PathClass.Inference or PathClass.HelixApi && AccessPaths.TakesForm(context.Request.Path.Value ?? ""),
            IsNavigation = path == PathClass.Page && One(headers["Sec-Fetch-Mode"]) == "navigate" && One(headers["Sec-Fetch-Dest"]) == "document",
        };
        return new(question, Key(headers), headers.Cookie.Count > 0);
    }

    private static SessionProof Proof(HttpContext context, SessionRing sessions) =>
        sessions.Find(SessionCookie.Read(context)) is not { } session ? SessionProof.None
        : session.HasToken(One(context.Request.Headers[SessionRules.TokenHeader])) ? SessionProof.Token
        : SessionProof.Cookie;

    private static (ListenerKind Kind, IPEndPoint? Local) Listener(HttpContext context)
    {
        var connection = context.Connection;
        if (connection.LocalIpAddress is not { } address)
        {
            var isUnix = context.Features.Get<IConnectionSocketFeature>()?.Socket.AddressFamily == AddressFamily.Unix;
            return (isUnix ? ListenerKind.UnixSocket : ListenerKind.Network, null);
        }

        var loopback = IPAddress.IsLoopback(address) && connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote) && IsDirect(context.Request.Headers);
        return (loopback ? ListenerKind.Loopback : ListenerKind.Network, new IPEndPoint(address, connection.LocalPort));
    }

    /// <summary>A proxy on this machine speaks for somebody who may be anywhere.</summary>
    private static bool IsDirect(IHeaderDictionary headers) => !headers.ContainsKey("X-Forwarded-For") && !headers.ContainsKey("Forwarded");

    private static ReadOnlyMemory<char> Key(IHeaderDictionary headers)
    {
        if (One(headers.Authorization) is { } authorization && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return authorization.AsMemory(7).Trim();
        return One(headers["x-api-key"]).AsMemory().Trim();
    }

    private static string? One(StringValues values) => values.Count switch { 0 => null, 1 => values[0], _ => values.ToString() };
}
