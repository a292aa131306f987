namespace Helix.Core.Screen;

/// <summary>One line of a screen, in pieces that each have their ink. Whatever is added is made clean first, so that no line holds anything that steers a terminal.</summary>
internal sealed class ScreenLine
{
    private readonly List<Inked> _parts = [];

    public IReadOnlyList<Inked> Parts => _parts;

    /// <summary>In cells.</summary>
    public int Width { get; private set; }

    /// <summary>The keys work on what this line shows.</summary>
    public bool IsChosen { get; init; }

    public string Text => string.Concat(_parts.Select(part => part.Text));

    public static ScreenLine Of(string words, Ink ink = Ink.Plain) => new ScreenLine().Add(words, ink);

    public ScreenLine Add(string words, Ink ink = Ink.Plain) => AddClean(CellText.Clean(words), ink);

    /// <summary>Adds words in exactly so many cells.</summary>
    /// <param name="right">Their end stands at the end.</param>
    public ScreenLine AddCell(string words, int width, Ink ink = Ink.Plain, bool right = false) => AddClean(CellText.Pad(CellText.Clean(words), width, right), ink);

    /// <summary>Adds words so that they end in the last cell of a line; only where there is room.</summary>
    public ScreenLine AddAtEnd(string words, int width, Ink ink = Ink.Plain)
    {
        var clean = CellText.Clean(words);
        var gap = width - Width - CellText.Width(clean);
        return gap < 1 ? this : AddClean(new string(' ', gap), Ink.Plain).AddClean(clean, ink);
    }

    /// <summary>The same line, no wider than this, and with nothing behind its last word.</summary>
    public ScreenLine Fit(int width)
    {
        var line = new ScreenLine { IsChosen = IsChosen };
        foreach (var part in _parts)
        {
            if (line.Width >= width) break;
            var fit = CellText.Fit(part.Text, width - line.Width);
            line.AddClean(fit, part.Ink);
            // where a wide letter was cut a cell is left, and belongs to nothing that follows
            if (fit != part.Text) break;
        }

        line.TrimEnd();
        return line;
    }

    private ScreenLine AddClean(string text, Ink ink)
    {
        if (text.Length == 0) return this;
        _parts.Add(new(text, ink));
        Width += CellText.Width(text);
        return this;
    }

    private void TrimEnd()
    {
        while (_parts.Count > 0)
        {
            var (text, ink) = _parts[^1];
            var trimmed = text.TrimEnd(' ');
            if (trimmed.Length == text.Length) return;
            Width -= text.Length - trimmed.Length;
            _parts.RemoveAt(_parts.Count - 1);
            if (trimmed.Length == 0) continue;
            _parts.Add(new(trimmed, ink));
            return;
        }
    }
}
