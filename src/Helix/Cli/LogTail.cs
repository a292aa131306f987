using System.Text;

namespace Helix.Cli;

/// <summary>Reads what is appended to a log file; a file that became shorter begins anew.</summary>
internal sealed class LogTail(string path, bool fromEnd)
{
    private long _read = fromEnd && File.Exists(path) ? new FileInfo(path).Length : 0;

    /// <summary>The whole lines that came since the last call.</summary>
    public IReadOnlyList<string> NewLines()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length < _read) _read = 0;
            file.Seek(_read, SeekOrigin.Begin);
            var bytes = new byte[Math.Min(file.Length - _read, 1 << 20)];
            var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var whole = Array.LastIndexOf(bytes, (byte)'\n', count - 1) + 1;
            _read += whole;
            return whole == 0 ? [] : Encoding.UTF8.GetString(bytes, 0, whole - 1).Split('\n');
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return []; // it is written as soon as there is something to say
        }
    }

    /// <summary>The last of the lines that came since the last call and say something: where in the program it was said is left out.</summary>
    public IReadOnlyList<string> LastNewLines(int count) => [.. NewLines().Where(line => !line.StartsWith("   at ", StringComparison.Ordinal)).TakeLast(count)];
}
