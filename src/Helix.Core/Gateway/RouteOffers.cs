using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Planning;

namespace Helix.Core.Gateway;

/// <summary>Says who could answer what nobody here does.</summary>
internal static class RouteOffers
{
    /// <param name="error">What is told to the client otherwise.</param>
    /// <param name="needs">Of the path that was asked.</param>
    /// <param name="manifests">Of all providers that helix knows; looked at only where there is something to say.</param>
    public static GatewayError With(GatewayError error, ModelAbilities needs, Func<IEnumerable<Manifest>> manifests) =>
        error.Code is "no_model" or "model_lacks_ability" && (needs & ModelAbilities.Special) != ModelAbilities.None ? error with { Message = $"{error.Message} {Words([.. manifests()], needs)}" } : error;

    private static string Words(Manifest[] manifests, ModelAbilities needs)
    {
        var own = manifests.Where(manifest => manifest.Launch is not null && PlannedProvider.Of(manifest).Abilities.HasFlag(needs)).ToArray();
        var others = manifests.Except(own).Where(manifest => PlannedProvider.AbilitiesOfAttached(manifest).HasFlag(needs)).ToArray();
        var started = own.Length == 0 ? "" : $"With a model for it, helix starts {Names(own, "or")}: bring one with `helix models pull NAME` or `helix models add PATH`. ";
        return started + (others.Length == 0
            ? "An engine of yours that does it is used after `helix local-llm attach URL`."
            : $"{Names(others, "and")} {(others.Length == 1 ? "does" : "do")} it where you run {(others.Length == 1 ? "it" : "them")} with a model for it: `helix local-llm attach URL`.");
    }

    private static string Names(Manifest[] manifests, string before) => manifests switch
    {
        [] => "",
        [var only] => only.Name,
        _ => $"{string.Join(", ", manifests[..^1].Select(manifest => manifest.Name))} {before} {manifests[^1].Name}",
    };
}
