using Helix.Configuration;

namespace Helix.Connect;

/// <summary>A tool's own file, and the folders in which it lies.</summary>
internal static class ToolFile
{
    /// <summary>A link that leads nowhere is no file yet.</summary>
    public static bool Exists(string path) => File.Exists(ConfigFile.TargetOf(path));

    /// <summary>Its owner wants it to stay as it is. A file is replaced by another one, which asks for no right to write into it.</summary>
    public static bool IsReadOnly(string path) => Exists(path) && (ModeOf(path) & UnixFileMode.UserWrite) == 0;

    /// <summary>Other users of this machine can read it.</summary>
    public static bool IsOpen(string path) => (ModeOf(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0;

    /// <summary>The folders that a write would make.</summary>
    public static IEnumerable<string> MissingFolders(string path)
    {
        for (var folder = Path.GetDirectoryName(ConfigFile.TargetOf(path)); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)) yield return folder;
    }

    /// <summary>Takes away those of the folders in which nothing is.</summary>
    public static void RemoveEmpty(IEnumerable<string> folders)
    {
        foreach (var folder in folders.OrderByDescending(folder => folder.Length))
        {
            try
            {
                if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
            }
            catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
            {
                return; // an empty folder too many harms nobody
            }
        }
    }

    /// <summary>Of the file itself, where the path is a link to it.</summary>
    private static UnixFileMode ModeOf(string path) => File.GetUnixFileMode(ConfigFile.TargetOf(path));
}
