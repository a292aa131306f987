using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Helix.Processes;

/// <summary>Who owns a path and who may use it, the link itself and not what it points to.</summary>
internal readonly record struct PathOwner(uint User, int Mode)
{
    private const int TypeMask = 0xf000;
    private const int FolderType = 0x4000;
    private const int FileType = 0x8000;
    private const int LinkType = 0xa000;
    private const int OwnerRunsMask = 0x40;
    private const int OthersMask = 0x3f;
    private const int OthersWriteMask = 0x12;
    private const int OwnerMask = 0x1c0;

    public bool IsFolder => (Mode & TypeMask) == FolderType;

    /// <summary>A plain file: no folder, link, pipe, socket or device.</summary>
    public bool IsFile => (Mode & TypeMask) == FileType;

    public bool IsExecutable => (Mode & OwnerRunsMask) != 0;

    public bool IsLink => (Mode & TypeMask) == LinkType;

    public bool IsPrivate => (Mode & OthersMask) == 0;

    /// <summary>Somebody else may have put something in.</summary>
    public bool IsOpenToWriting => (Mode & OthersWriteMask) != 0;

    public uint Group { get; init; }

    /// <summary>How many names it has, for a file.</summary>
    public uint Names { get; init; } = 1;

    /// <summary>Its owner may do everything, and nobody else anything.</summary>
    public bool IsOwnersAlone => (Mode & (OwnerMask | OthersMask)) == OwnerMask;

    /// <summary>Null when there is nothing at this path, or nothing that may be seen.</summary>
    public static PathOwner? Of(string path) => NativeOwner.Read(path);
}

internal static unsafe partial class NativeOwner
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicFacts = 0x7ff;

    public static PathOwner? Read(string path)
    {
        Span<byte> facts = stackalloc byte[512];
        fixed (byte* target = facts)
        {
            if (OperatingSystem.IsLinux())
                return statx(CurrentFolder, path, NoFollow, BasicFacts, target) == 0
                    ? At(facts, user: 20, mode: 28) with { Names = BinaryPrimitives.ReadUInt32LittleEndian(facts[16..]), Group = BinaryPrimitives.ReadUInt32LittleEndian(facts[24..]) }
                    : null;
            var result = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? lstat_inode64(path, target) : lstat(path, target);
            return result == 0 ? At(facts, user: 16, mode: 4) : null;
        }
    }

    /// <summary>Whether what was opened is still what lies at the path: it may have been taken away, and another put there. Linux only.</summary>
    public static bool IsStillAt(SafeFileHandle file, string path)
    {
        Span<byte> opened = stackalloc byte[512], there = stackalloc byte[512];
        fixed (byte* first = opened, second = there)
        {
            return statx((int)file.DangerousGetHandle(), "", EmptyPath, BasicFacts, first) == 0
                && statx(CurrentFolder, path, NoFollow, BasicFacts, second) == 0
                && FileNumber(opened) == FileNumber(there);
        }
    }

    private static ulong FileNumber(ReadOnlySpan<byte> facts) => BinaryPrimitives.ReadUInt64LittleEndian(facts[32..]);

    private static PathOwner At(ReadOnlySpan<byte> facts, int user, int mode) =>
        new(BinaryPrimitives.ReadUInt32LittleEndian(facts[user..]), BinaryPrimitives.ReadUInt16LittleEndian(facts[mode..]));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, byte* facts);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lstat(string path, byte* facts);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lstat_inode64(string path, byte* facts);
}
