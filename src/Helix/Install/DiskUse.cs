using Helix.Storage;

namespace Helix.Install;

/// <summary>What files take.</summary>
internal static class DiskUse
{
    private static readonly EnumerationOptions s_all = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };

    /// <summary>Bytes of a file, or of all files in a folder; links are not followed, and what is gone takes nothing.</summary>
    public static long Of(string path)
    {
        try
        {
            var info = new FileInfo(path);
            if (info.LinkTarget is not null) return 0;
            return info.Exists ? info.Length : !Directory.Exists(path) ? 0 : new DirectoryInfo(path).EnumerateFiles("*", s_all).Sum(Length);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Of all releases, as each was when it was installed, of what was downloaded for them, and of the tools that were fetched.</summary>
    public static long OfProviders(HelixHome home, ReleaseStore store)
    {
        var ids = Directory.Exists(home.Providers) ? Directory.GetDirectories(home.Providers).Select(path => Path.GetFileName(path)!) : [];
        return ids.SelectMany(store.All).Sum(release => release.Bytes) + Of(home.Downloads) + Of(home.Tools);
    }

    /// <summary>Deletes a file, a link or a folder with all that is in it; nothing that a link leads to.</summary>
    public static void Delete(string path)
    {
        if (new FileInfo(path) is { LinkTarget: not null } or { Exists: true }) File.Delete(path);
        else if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }

    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // it went between the listing and this
        }
    }
}
