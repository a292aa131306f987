using System.Collections.Immutable;
using System.Text;

namespace Helix.Core.Install;

/// <summary>The name of an entry in an archive: where it may be written, if at all.</summary>
internal abstract record EntryName
{
    private const int LongestSegment = 255;
    private const int Deepest = 64;

    private EntryName() { }

    /// <param name="Path">Below the folder that is filled, with <c>/</c> between; never empty, without <c>.</c> and <c>..</c>.</param>
    internal sealed record Good(string Path) : EntryName;

    /// <summary>The folder itself, or something before the folders that are left out.</summary>
    internal sealed record Outside : EntryName;

    /// <param name="Why">Follows the name.</param>
    internal sealed record Bad(string Why) : EntryName;

    /// <param name="strip">Folders to leave out at the front.</param>
    public static EntryName Of(string name, int strip)
    {
        var path = name.Replace('\\', '/');
        if (path.StartsWith('/') || (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0]))) return new Bad("begins at the root of the disk");
        if (path.Any(char.IsControl)) return new Bad("has a control character in its name");
        ImmutableArray<string> segments = [.. path.Split('/').Where(segment => segment is not ("" or "."))];
        if (segments.Contains("..")) return new Bad("leads out of the folder");
        if (segments.Length > Deepest) return new Bad($"lies more than {Deepest} folders deep");
        if (segments.Any(segment => Encoding.UTF8.GetByteCount(segment) > LongestSegment)) return new Bad("has a name that is too long");
        return segments.Length <= strip ? new Outside() : new Good(string.Join('/', segments[strip..]));
    }

    /// <summary>Why a link may not be made; null if it stays inside.</summary>
    /// <remarks>
    /// Only steps up at the front are followed: they start from a folder that is none but itself, because nothing is written through a link.
    /// After them the way leads down, and a link that is met there stays inside for the same reason.
    /// </remarks>
    /// <param name="path">Of the link, as <see cref="Good"/> has it.</param>
    public static string? RefuseLink(string path, string target)
    {
        if (target.Length == 0 || target.Any(char.IsControl) || target.Contains('\\', StringComparison.Ordinal)) return "leads nowhere";
        if (target.StartsWith('/')) return "leads to the root of the disk";
        string[] segments = [.. target.Split('/').Where(segment => segment is not ("" or "."))];
        var up = segments.TakeWhile(segment => segment == "..").Count();
        if (segments.Skip(up).Contains("..")) return "leads down and up again";
        return up > path.Count(letter => letter == '/') ? "leads out of the folder" : null;
    }
}
