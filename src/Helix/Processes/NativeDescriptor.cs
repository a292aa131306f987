using System.Runtime.InteropServices;

namespace Helix.Processes;

/// <summary>Files reached by what they are, not by a name that somebody could change meanwhile. Linux only.</summary>
internal static partial class NativeDescriptor
{
    private const int PathOnly = 0x200000, CloseOnExec = 0x80000;
    private const int OnlyFolder = 0x10000, NoFollow = 0x20000, OnlyFolderArm = 0x4000, NoFollowArm = 0x8000;
    private const int KeepUser = -1;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>Opens what lies there itself, and never what a link there points to.</summary>
    /// <returns>Below 0 where there is nothing, or, of a folder, none.</returns>
    public static int Open(string path, bool onlyFolder) =>
        open(path, PathOnly | CloseOnExec | (IsArm ? NoFollowArm : NoFollow) | (onlyFolder ? IsArm ? OnlyFolderArm : OnlyFolder : 0));

    /// <summary>A path that stays the same file whatever becomes of its name.</summary>
    public static string PathOf(int descriptor) => $"/proc/self/fd/{descriptor}";

    /// <summary>Gives a file, folder or link to another user; the link itself, not what it points to.</summary>
    public static bool Give(string path, int user, int group) => lchown(path, (uint)user, (uint)group) == 0;

    public static bool GiveToGroup(string path, int group) => lchown(path, unchecked((uint)KeepUser), (uint)group) == 0;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint user, uint group);
}
