using Helix.Processes;

namespace Helix.Sandbox;

/// <summary>Whose files are, where root shares them with an engine that is nobody.</summary>
internal static class Ownership
{
    private const UnixFileMode GroupReads = UnixFileMode.GroupRead, GroupEnters = UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    /// <summary>Lets a group read all below a path. What is open to it already at the top is taken to be so below.</summary>
    public static void OpenToGroup(string path, int group)
    {
        if (!Path.Exists(path)) return;
        var (isFolder, mode) = (Directory.Exists(path), File.GetUnixFileMode(path));
        if (mode.HasFlag(isFolder ? UnixFileMode.SetGroup : UnixFileMode.OtherRead)) return;
        if (!isFolder)
        {
            Open(path, group, mode.HasFlag(UnixFileMode.UserExecute) ? GroupEnters : GroupReads);
            return;
        }

        foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
            if (entry.LinkTarget is null) Open(entry.FullName, group, entry is DirectoryInfo || entry.UnixFileMode.HasFlag(UnixFileMode.UserExecute) ? GroupEnters : GroupReads);
        // last, for it says that all below is done
        Open(path, group, GroupEnters | UnixFileMode.SetGroup);
    }

    /// <summary>Gives all in a folder to a user. Files that have a second name elsewhere stay what they are: they may be somebody else's.</summary>
    /// <remarks>An engine that still runs could put links in the way: nothing is followed, and folders are held by what they are.</remarks>
    public static void Give(string folder, int user, int group)
    {
        var descriptor = NativeDescriptor.Open(folder, onlyFolder: true);
        if (descriptor < 0) return;
        try
        {
            var path = NativeDescriptor.PathOf(descriptor);
            foreach (var entry in new DirectoryInfo(path + "/.").EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }))
            {
                var name = $"{path}/{entry.Name}";
                if (PathOwner.Of(name) is not { } owner) continue;
                if (owner.IsFolder) Give(name, user, group);
                else if (owner.User != user && owner.Names == 1) NativeDescriptor.Give(name, user, group);
            }

            if (PathOwner.Of(folder) is { } own && own.User != user) NativeDescriptor.Give(path + "/.", user, group);
        }
        finally
        {
            NativeLibc.Close(descriptor);
        }
    }

    private static void Open(string path, int group, UnixFileMode more)
    {
        if (PathOwner.Of(path) is not { } owner || owner.User != NativeLibc.UserId()) return;
        NativeDescriptor.GiveToGroup(path, group);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | more);
    }
}
