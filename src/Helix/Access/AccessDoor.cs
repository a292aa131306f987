using System.Diagnostics.CodeAnalysis;
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
    /// <param name="refusing">Done when one that is refused was answered.</param>
    public bool LetsIn(HttpContext context, out Passage passage, [NotNullWhen(false)] out Task? refusing)
    {
        var question = RequestFacts.Ask(context, keys, sessions);
        if (AccessPolicy.Decide(question, config()) is AccessDecision.Refuse refused)
        {
            (passage, refusing) = (default, RefuseAsync(context, question.Path, refused));
            return false;
        }

        passage = new(question.Path, question.Key.Name ?? "", question.Listener == ListenerKind.UnixSocket || question.Key.Scopes.HasFlag(KeyScopes.Admin) || question.Session == SessionProof.Token);
        refusing = null;
        return true;
    }

    private Task RefuseAsync(HttpContext context, PathClass path, AccessDecision.Refuse refused)
    {
        if (RefusalWords.KindOf(refused.Code) is { } kind) refusals.Note(context, kind);
        return RefusalResponse.WriteAsync(context, path, refused);
    }
}
