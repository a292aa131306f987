using System.IO.Enumeration;

namespace Helix.Storage;

/// <summary>
/// Where links lead, and what lies in a folder and below it. Links are listed and never entered: links that lead back into each other
/// make a walk that enters them take for ever.
/// </summary>
internal static class FileTree
{
    private static readonly EnumerationOptions s_below = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    /// <summary>The paths of all files and links.</summary>
    /// <exception cref="IOException">The folder isn't there, or can't be read.</exception>
    public static IEnumerable<string> Files(string folder) =>
        new FileSystemEnumerable<string>(folder, static (ref entry) => entry.ToFullPath(), s_below)
        {
            ShouldIncludePredicate = static (ref entry) => !entry.IsDirectory || IsLink(ref entry),
            ShouldRecursePredicate = static (ref entry) => !IsLink(ref entry),
        };

    /// <summary>Of the file that a path leads to, in bytes; 0 for what is no file: nobody may ever write to a pipe, and some devices never end.</summary>
    public static long LengthOf(string path)
    {
        try
        {
            return (File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)) is FileInfo { Exists: true } file ? file.Length : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>A link whose end is not there, or that has none.</summary>
    public static bool LeadsNowhere(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: false };
        }
        catch (IOException)
        {
            return true; // links in a circle
        }
    }

    private static bool IsLink(ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) != 0;
}
