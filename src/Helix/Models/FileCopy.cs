using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Helix.Install;
using Microsoft.Win32.SafeHandles;

namespace Helix.Models;

/// <summary>Copies a file and knows its digest afterwards. Where the disk can, the copy shares the original's blocks.</summary>
internal static partial class FileCopy
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Linux's <c>FICLONE</c>: make the destination share the source's blocks.</summary>
    private const nuint CloneFile = 0x40049409;

    /// <param name="how">Unless it is to be a copy, a second name for the same file will do.</param>
    /// <returns>Length and digest of what was copied; null if there is not enough room, with the reason.</returns>
    /// <exception cref="IOException">Somebody wrote to the source meanwhile; or the disk refuses.</exception>
    public static async Task<(ManifestFile? File, DownloadResult.Failed? Refusal)> CopyAsync(string source, string target, IntakeMode how, CancellationToken cancellationToken)
    {
        using var from = File.OpenHandle(source, options: FileOptions.SequentialScan);
        var before = (RandomAccess.GetLength(from), File.GetLastWriteTimeUtc(from));
        var cloned = Named(source, how) is { } named && Link(named, target) == 0;
        await using var to = new FileStream(target, new FileStreamOptions { Mode = cloned ? FileMode.Open : FileMode.CreateNew, Access = cloned ? FileAccess.Read : FileAccess.Write, BufferSize = 0 });
        cloned = cloned || TryClone(from, to.SafeFileHandle);
        if (!cloned && FreeSpace.Refusal(Path.GetDirectoryName(target)!, RandomAccess.GetLength(from)) is { } refusal) return (null, refusal);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var offset = 0L;
        int read;
        while ((read = await RandomAccess.ReadAsync(from, buffer, offset, cancellationToken)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            if (!cloned) await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            offset += read;
        }

        if (to.CanWrite) to.Flush(flushToDisk: true);
        if ((RandomAccess.GetLength(from), File.GetLastWriteTimeUtc(from)) != before) throw new IOException($"{source} was written to while it was taken; take it again when nobody does");
        return (new ManifestFile(Path.GetFileName(source), Convert.ToHexStringLower(hash.GetHashAndReset()), offset), null);
    }

    /// <summary>
    /// What a second name is given to; null where a copy is wanted. A second name for a symbolic link would be another link, which
    /// breaks when its target goes: one that is moved away is copied, and of one that is shared its target is.
    /// </summary>
    private static string? Named(string source, IntakeMode how) => (how, new FileInfo(source).ResolveLinkTarget(returnFinalTarget: true)) switch
    {
        (IntakeMode.Copy, _) => null,
        (_, null) => source,
        (IntakeMode.Share, var target) => target.FullName,
        _ => null,
    };

    private static bool TryClone(SafeFileHandle from, SafeFileHandle to) => OperatingSystem.IsLinux() && Ioctl(to, CloneFile, from) == 0;

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(SafeFileHandle to, nuint request, SafeFileHandle from);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
