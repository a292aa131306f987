using System.Text;

namespace Helix.Processes;

/// <summary>Reads what is appended to a log file, whole lines only; a file that became shorter begins anew.</summary>
/// <param name="from">Where to begin, in bytes.</param>
internal sealed class LogReader(string path, long from)
{
    /// <summary>What is read at once, and the longest line that is waited for.</summary>
    public const int Most = 1 << 20;

    private long _read = from;

    /// <summary>The whole lines that came since the last call, each with its end, or as many as fit; empty when there is none.</summary>
    public string NewText()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = file.Length;
            if (length < _read) _read = 0;
            file.Seek(_read, SeekOrigin.Begin);
            var bytes = new byte[(int)Math.Min(length - _read, Most)];
            var count = Whole(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
            _read += count;
            return Encoding.UTF8.GetString(bytes, 0, count);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return ""; // it is written as soon as there is something to say
        }
    }

    // a line without an end is not waited for any longer than it can be held; then it is cut between two characters
    private static int Whole(ReadOnlySpan<byte> bytes)
    {
        var whole = bytes.LastIndexOf((byte)'\n') + 1;
        if (whole > 0 || bytes.Length < Most) return whole;
        var end = bytes.Length;
        while (end > bytes.Length - 4 && (bytes[end - 1] & 0xC0) == 0x80) end--;
        return bytes[end - 1] >= 0xC0 ? end - 1 : bytes.Length;
    }
}
