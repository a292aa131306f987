using Helix.Core.Telemetry;
using Helix.Processes;

namespace Helix.Cli;

/// <summary>The lines of the daemon's log, as they come, in words: also those that are written as JSON.</summary>
internal sealed class LogTail(string path, bool fromEnd)
{
    private readonly LogReader _reader = new(path, fromEnd && File.Exists(path) ? new FileInfo(path).Length : 0);

    /// <summary>The whole lines that came since the last call.</summary>
    public IReadOnlyList<string> NewLines() => [.. Lines(_reader.NewText()).Select(LogLine.Shown)];

    /// <summary>The last of the lines that came since the last call and say something: where in the program it was said is left out.</summary>
    public IReadOnlyList<string> LastNewLines(int count) => [.. NewLines().Where(line => !line.StartsWith("   at ", StringComparison.Ordinal)).TakeLast(count)];

    private static string[] Lines(string text) => text.Length == 0 ? [] : (text[^1] == '\n' ? text[..^1] : text).Split('\n');
}
