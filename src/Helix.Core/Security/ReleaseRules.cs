using System.Collections.Immutable;
using Helix.Core.Cli;
using Helix.Core.History;
using Helix.Core.Install;

namespace Helix.Core.Security;

/// <summary>How a folder of programs came here, and so how it is made again.</summary>
internal enum ReleaseOrigin
{
    /// <summary>A release of a provider, the one in use.</summary>
    Current,

    /// <summary>A release of a provider that is kept beside.</summary>
    Kept,

    /// <summary>A build of the built-in engine for a graphics card.</summary>
    Variant,

    /// <summary>helix's own program.</summary>
    Helix,
}

/// <summary>A folder of programs whose files are not what they were.</summary>
/// <param name="Version">As it is named.</param>
internal sealed record ReleaseFacts(string Provider, string Version, string Folder, ReleaseOrigin Origin, FileChanges Changes);

/// <summary>What changed programs mean.</summary>
internal static class ReleaseRules
{
    public static ImmutableArray<SecurityFinding> Of(IEnumerable<ReleaseFacts> releases) => [.. releases.Where(release => !release.Changes.IsEmpty).Select(Of)];

    private static SecurityFinding Of(ReleaseFacts release)
    {
        var (remedy, command) = release.Origin switch
        {
            ReleaseOrigin.Current => ("Find out who changed it, and install it again", $"helix local-llm remove {release.Provider} && helix local-llm install {release.Provider}"),
            ReleaseOrigin.Kept => ("Nothing runs from it; delete it, and no rollback can lead there", $"rm -r {ShellWord.Of(release.Folder)}"),
            ReleaseOrigin.Variant => ("Delete it: helix fetches it again", $"rm -r {ShellWord.Of(release.Folder)}"),
            _ => ("Find out who changed it, and build helix again", $"rm -r {ShellWord.Of(release.Folder)} && ./helix restart"),
        };
        return new(
            FindingNames.ReleaseChanged, Severity.Critical, $"{release.Provider} {release.Version}", $"the files of {release.Provider} {release.Version} are not what they were: {release.Changes.Words}",
            "a release is never changed once it was tried, so this was somebody else, or a broken disk", remedy)
        {
            Provider = release.Provider,
            Command = command,
        };
    }
}
