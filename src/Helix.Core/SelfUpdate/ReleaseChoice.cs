namespace Helix.Core.SelfUpdate;

/// <summary>Which helix is used where there are two: the program that was called, or the release that helix brought itself to.</summary>
internal static class ReleaseChoice
{
    /// <param name="isRelease">The program that was called is a release of this home, perhaps an older one.</param>
    /// <param name="built">When the program that was called was built.</param>
    /// <param name="installed">When the release in use was laid into the home; null for none.</param>
    /// <returns>True for the release: what came last is used.</returns>
    public static bool IsReleaseUsed(bool isRelease, DateTimeOffset built, DateTimeOffset? installed) => installed is { } since && (isRelease || since > built);
}
