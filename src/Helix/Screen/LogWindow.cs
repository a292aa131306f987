namespace Helix.Screen;

/// <summary>The last lines of a log that is read.</summary>
internal sealed class LogWindow
{
    public const int Most = 2000;

    /// <summary>Nobody's terminal is that wide.</summary>
    private const int Longest = 2000;

    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Clear() => _lines.Clear();

    public void Add(string line)
    {
        _lines.Add(line.Length > Longest ? line[..Longest] : line);
        // taken away in lots: each takes the whole list along
        if (_lines.Count >= 2 * Most) _lines.RemoveRange(0, _lines.Count - Most);
    }
}
