using Helix.Processes;

namespace Helix.Cli;

/// <summary>The lines of a log file, as they come.</summary>
internal sealed class LogTail(string path, bool fromEnd)
{
    private readonly LogReader _reader = new(path, fromEnd && File.Exists(path) ? new FileInfo(path).Length : 0);

    /// <summary>The whole lines that came since the last call.</summary>
    public IReadOnlyList<string> NewLines() => Lines(_reader.NewText());

    /// <summary>The last lines that say something: where in the program it was said is left out.</summary>
    public static IReadOnlyList<string> LastLines(string path, int count)
    {
        var file = new FileInfo(path);
        return Last(Lines(new LogReader(path, file.Exists ? Math.Max(0, file.Length - (64 << 10)) : 0).NewText()), count);
    }

    /// <summary>The last lines of those that came since the last call; of the whole file where none came.</summary>
    public IReadOnlyList<string> NewestLines(int count) => Last(NewLines(), count) is { Count: > 0 } fresh ? fresh : LastLines(path, count);

    private static IReadOnlyList<string> Last(IEnumerable<string> lines, int count) =>
        [.. lines.Where(line => !line.StartsWith("   at ", StringComparison.Ordinal)).TakeLast(count)];

    private static string[] Lines(string text) => text.Length == 0 ? [] : (text[^1] == '\n' ? text[..^1] : text).Split('\n');
}
