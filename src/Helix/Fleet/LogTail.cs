using System.Text;

namespace Helix.Fleet;

/// <summary>Reads the end of a log file without reading the file.</summary>
internal static class LogTail
{
    private const int Window = 4096;

    /// <summary>The last line that is not blank, or null when there is no such file or line.</summary>
    public static string? LastLine(string path) => Lines(path, 1) is [.., var last] ? last : null;

    /// <summary>The same of what was written after a file had the length <paramref name="start"/>; of all of it where it was begun anew since.</summary>
    public static IReadOnlyList<string> Since(string path, long start, int count) => Read(path, count, start);

    /// <summary>In bytes; 0 where there is no such file.</summary>
    public static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    /// <summary>At most <paramref name="count"/> last lines that are not blank, of the last 4 KiB per line asked for.</summary>
    public static IReadOnlyList<string> Lines(string path, int count) => Read(path, count, 0);

    private static string[] Read(string path, int count, long start)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            var length = (int)Math.Min(file.Length >= start ? file.Length - start : file.Length, Math.Min(Window * (long)count, 1 << 20));
            file.Seek(-length, SeekOrigin.End);
            var bytes = new byte[length];
            var read = file.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(bytes, 0, read)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .TakeLast(count).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
