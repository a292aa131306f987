using Helix.Core.Access;
using Helix.Core.Configuration;
using Helix.Core.Security;

namespace Helix.Access;

/// <summary>Stands before everything: each request is let through or refused on its head alone.</summary>
internal sealed class AccessDoor(KeyRing keys, Func<HelixConfig> config, Refusals refusals)
{
    /// <summary>Answers the request if it is refused.</summary>
    /// <returns>Null if it was refused and answered, else what its path is for.</returns>
    public async ValueTask<PathClass?> PassAsync(HttpContext context)
    {
        var path = AccessPaths.Classify(context.Request.Path.Value);
        if (AccessPolicy.Decide(RequestFacts.Ask(context, path, keys), config()) is not AccessDecision.Refuse refused) return path;
        if (RefusalWords.KindOf(refused.Code) is { } kind) refusals.Note(context, kind);
        await RefusalResponse.WriteAsync(context, path, refused);
        return null;
    }
}
