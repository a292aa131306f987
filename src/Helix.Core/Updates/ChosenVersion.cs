using Helix.Core.Install;

namespace Helix.Core.Updates;

/// <summary>Which version is wanted where the user named none: the manifest's, unless an update went beyond it, or it was no good here.</summary>
internal static class ChosenVersion
{
    /// <param name="chosen">By an update; null for none.</param>
    /// <param name="known">That the manifest names.</param>
    /// <param name="installed">In use; null for none.</param>
    /// <param name="beyond">The manifest's when that update went beyond it; null where that is not known.</param>
    /// <returns>Null for the manifest's.</returns>
    public static string? Of(string? chosen, string known, string? installed, IReadOnlyCollection<string> refused, string? beyond = null) =>
        chosen is not null && (refused.Contains(known) || known == beyond || !UpdateAdvice.IsNewer(known, chosen)) ? chosen
        : refused.Contains(known) ? installed
        : null;
}
