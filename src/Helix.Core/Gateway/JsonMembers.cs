namespace Helix.Core.Gateway;

/// <summary>
/// Goes through the members of a JSON object and checks on its way that it is one, at a fraction of what <see cref="System.Text.Json.Utf8JsonReader"/> costs. It
/// stops where something is no JSON, or a name is written otherwise than in ASCII without escapes: that reader knows what to make of it.
/// </summary>
internal ref struct JsonMembers
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly int _maxDepth;

    /// <summary>Behind the bracket, or the last value.</summary>
    private int _at;
    private bool _hasAny;
    private bool _isAscii = true;

    /// <param name="text">Begins with the object, or with white space before it.</param>
    /// <param name="maxDepth">Arrays and objects within each other, itself included; at most 65.</param>
    public JsonMembers(ReadOnlySpan<byte> text, int maxDepth)
    {
        var open = JsonSkip.Blank(text, 0);
        (_maxDepth, _at) = (maxDepth - 1, open < text.Length && text[open] == '{' ? open + 1 : text.Length);
        _text = text;
    }

    /// <summary>Of the member that is gone through, without its quotes.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Of that member: JSON, without white space around it.</summary>
    public readonly ReadOnlySpan<byte> Value => _text[Begin.._at];

    /// <summary>Where that begins.</summary>
    public int Begin { get; private set; }

    /// <summary>Where what was gone through ends: the bracket, a value, or the whole object.</summary>
    public readonly int End => _at;

    /// <summary>All of the object was gone through.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Nothing but ASCII stands in what was gone through.</summary>
    public readonly bool IsAscii => _isAscii;

    /// <summary>Goes on to the next member, and over it.</summary>
    /// <returns>False where there is none, or it stops: <see cref="IsWhole"/> tells that.</returns>
    public bool Next()
    {
        var at = JsonSkip.Blank(_text, _at);
        if (at == _text.Length) return false;
        if (_text[at] == '}')
        {
            (_at, IsWhole) = (at + 1, true);
            return false;
        }

        if (_hasAny)
        {
            if (_text[at] != ',') return false;
            at = JsonSkip.Blank(_text, at + 1);
        }

        if (at == _text.Length || _text[at] != '"') return false;
        var name = ++at;
        at = JsonSkip.Plain(_text, at);
        if (at == _text.Length || _text[at] != '"') return false;
        Name = _text[name..at];
        at = JsonSkip.Blank(_text, at + 1);
        if (at == _text.Length || _text[at] != ':') return false;
        at = JsonSkip.Blank(_text, at + 1);
        var end = JsonSkip.End(_text, at, _maxDepth, ref _isAscii);
        if (end < 0) return false;
        (Begin, _at, _hasAny) = (at, end, true);
        return true;
    }
}
