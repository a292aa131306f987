using Helix.Core.Models;
using Microsoft.Win32.SafeHandles;

namespace Helix.Models;

/// <summary>Reads the header of a file on disk, no more of it than is needed.</summary>
internal static class GgufFile
{
    private const int FirstRead = 1 << 16;

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static async Task<GgufReading> ReadAsync(string path, CancellationToken cancellationToken)
    {
        // a pipe or a device has no length, and opening one could wait for ever
        if (LengthOf(path) == 0) return new GgufReading.Bad("the file is empty, or no ordinary file", 0);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return await ReadAsync(file, cancellationToken);
    }

    /// <summary>Of the file itself, or of what a link leads to.</summary>
    public static long LengthOf(string path)
    {
        var info = new FileInfo(path);
        return (info.LinkTarget is null ? info : info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo)?.Length ?? 0;
    }

    private static async Task<GgufReading> ReadAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        var length = RandomAccess.GetLength(file);
        var prefix = new byte[Math.Min(FirstRead, length)];
        var have = 0;
        while (true)
        {
            while (have < prefix.Length)
            {
                var read = await RandomAccess.ReadAsync(file, prefix.AsMemory(have), have, cancellationToken);
                if (read == 0) return new GgufReading.Bad("the file became shorter while it was read", have);
                have += read;
            }

            var reading = GgufHeader.Read(prefix, length);
            if (reading is not GgufReading.NeedMore(var wanted)) return reading;
            Array.Resize(ref prefix, (int)Math.Min(Math.Min(length, GgufCursor.MaxHeaderBytes), Math.Max(wanted, prefix.Length * 4L)));
        }
    }
}
