using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>Body of <c>POST /helix/v1/session</c>.</summary>
/// <param name="Link">The secret of a link that <c>helix dashboard</c> printed.</param>
internal sealed record SignInRequest(string Link)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => nameof(SignInRequest);
}

/// <summary>Answer to <see cref="SignInRequest"/>. The cookie goes with it.</summary>
/// <param name="Csrf">What every request that changes something has to bring; told this once.</param>
internal sealed record SignedIn(string Csrf, SessionReport Session)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{nameof(SignedIn)} {Session.Id}";
}

/// <summary>Answer of <c>GET /helix/v1/session</c>.</summary>
/// <param name="How">What somebody has to do to sign in; null for whoever is.</param>
internal sealed record SessionState(bool SignedIn, SessionReport? Session, string? How);

/// <summary>Answer of <c>GET /helix/v1/sessions</c>.</summary>
internal sealed record SessionList(IReadOnlyList<SessionReport> Sessions);

/// <param name="Seen">When it was used last, to a minute.</param>
/// <param name="Expires">When it ends unless it is used again.</param>
/// <param name="Agent">What the browser said that it is.</param>
/// <param name="Current">It is the one that asks.</param>
internal sealed record SessionReport(string Id, DateTimeOffset Created, DateTimeOffset Seen, DateTimeOffset Expires, string? Agent, bool Current);

/// <summary>Answer of <c>POST /helix/v1/dashboard/link</c>.</summary>
/// <param name="Url">Signs one browser in.</param>
internal sealed record LinkReport(string Url, DateTimeOffset Expires);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(SessionState))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(LinkReport))]
internal sealed partial class SessionJson : JsonSerializerContext;
