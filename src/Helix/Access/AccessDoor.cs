using Helix.Core.Access;
using Helix.Core.Configuration;
using Helix.Core.Security;

namespace Helix.Access;

/// <summary>Of a request that was let through.</summary>
/// <param name="Path">What its path is for.</param>
/// <param name="Key">Name of the key that it came with; empty for none.</param>
/// <param name="IsAdmin">It may use helix's own API, too, and change something there.</param>
internal readonly record struct Passage(PathClass Path, string Key, bool IsAdmin);

/// <summary>Stands before everything: each request is let through or refused on its head alone.</summary>
internal sealed class AccessDoor(KeyRing keys, SessionRing sessions, Func<HelixConfig> config, Refusals refusals)
{
    /// <summary>Answers the request if it is refused.</summary>
    /// <returns>Null if it was refused and answered.</returns>
    public ValueTask<Passage?> PassAsync(HttpContext context)
    {
        var path = AccessPaths.Classify(context.Request.Path.Value);
        var question = RequestFacts.Ask(context, path, keys, sessions);
        return AccessPolicy.Decide(question, config()) is AccessDecision.Refuse refused
            ? RefuseAsync(context, path, refused)
            : new(new Passage(path, question.Key.Name ?? "", question.Listener == ListenerKind.UnixSocket || question.Key.Scopes.HasFlag(KeyScopes.Admin) || question.Session == SessionProof.Token));
    }

    private async ValueTask<Passage?> RefuseAsync(HttpContext context, PathClass path, AccessDecision.Refuse refused)
    {
        if (RefusalWords.KindOf(refused.Code) is { } kind) refusals.Note(context, kind);
        await RefusalResponse.WriteAsync(context, path, refused);
        return null;
    }
}
