using System.Collections.Immutable;
using Helix.Core.Cli;
using Helix.Core.History;

namespace Helix.Core.Security;

/// <summary>Whose helix's own files are, and who may use them. Rights are only ever taken away.</summary>
internal static class PathRules
{
    private const int Rights = 0xfff;
    private const int OfOthers = 0x3f, OthersWrite = 0x12;

    /// <param name="user">Who helix is.</param>
    public static ImmutableArray<SecurityFinding> Of(IEnumerable<PathFacts> paths, uint user) => [.. paths.Select(path => Of(path, user)).OfType<SecurityFinding>()];

    /// <summary>Null where it is as it should be.</summary>
    public static SecurityFinding? Of(PathFacts path, uint user)
    {
        if (path.User != user) return new(
            FindingNames.Owner, path.IsReachable ? Severity.Critical : Severity.Error, path.Path,
            $"{path.Path} belongs to the user with the number {path.User}, and not to the one that helix runs as ({user})",
            "its owner can change what helix reads and does", "Give it to that user, or find out who put it there")
        {
            Command = $"sudo chown {user} {ShellWord.Of(path.Path)}",
        };

        if (Closed(path, user) is not { } mode) return null;
        var writes = (path.Mode & OthersWrite) != 0;
        return new(
            FindingNames.Permissions, !path.IsReachable ? Severity.Info : writes ? Severity.Critical : Severity.Error, path.Path,
            $"{path.Path} has the rights {Octal(path.Mode)}: other users of this machine may {(writes ? "change" : "read")} it{(path.IsReachable ? "" : ", were the folder above it not closed")}",
            writes ? "who can change it decides what helix does" : "it holds what is nobody else's", "Take the rights away")
        {
            Command = $"chmod {Octal(mode)} {ShellWord.Of(path.Path)}",
        };
    }

    /// <summary>The rights that it should have; null where it has no more than those, or is not ours to close.</summary>
    public static int? Closed(PathFacts path, uint user) =>
        path.User == user && (path.Mode & Rights & ~Excess(path.Need)) is var mode && mode != (path.Mode & Rights) ? mode : null;

    public static string Octal(int mode) => Convert.ToString(mode & Rights, 8).PadLeft(3, '0');

    private static int Excess(PathNeed need) => need == PathNeed.OwnerOnly ? OfOthers : OthersWrite;
}
