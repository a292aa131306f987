using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Helix.Core.Connect;

internal enum TomlKind
{
    /// <summary><c>[a.b]</c></summary>
    Table,

    /// <summary><c>[[a.b]]</c></summary>
    ListedTable,

    /// <summary><c>a.b = 1</c></summary>
    Pair,
}

/// <summary>A statement of TOML and where it stands in the text.</summary>
/// <param name="Path">From the root, whatever table it stands in.</param>
/// <param name="Start">Index of its first character.</param>
/// <param name="Value">Index of the first character of its value.</param>
/// <param name="End">Index behind its last character; a comment behind it does not count.</param>
internal sealed record TomlPart(TomlKind Kind, ImmutableArray<string> Path, int Start, int Value, int End);

/// <summary>Finds the statements of a TOML text; their values are passed over, not understood.</summary>
internal sealed class TomlScan
{
    private const int DeepestLevel = 100;

    private readonly string _text;
    private int _at;

    private TomlScan(string text) => _text = text;

    /// <exception cref="SettingsRefusedException">This is no TOML.</exception>
    public static ImmutableArray<TomlPart> Read(string text)
    {
        var scan = new TomlScan(text);
        var parts = ImmutableArray.CreateBuilder<TomlPart>();
        ImmutableArray<string> table = [];
        for (scan.SkipBlanks(); scan._at < text.Length; scan.SkipBlanks())
        {
            var part = scan.Peek() == '[' ? scan.ReadTable() : scan.ReadPair(table);
            if (part.Kind != TomlKind.Pair) table = part.Path;
            parts.Add(part);
            scan.EndLine();
        }

        return parts.ToImmutable();
    }

    private TomlPart ReadTable()
    {
        var start = _at;
        var (open, close) = IsAhead("[[") ? ("[[", "]]") : ("[", "]");
        _at += open.Length;
        var path = ReadKey();
        Take(close);
        return new(open.Length == 2 ? TomlKind.ListedTable : TomlKind.Table, path, start, start, _at);
    }

    private TomlPart ReadPair(ImmutableArray<string> table)
    {
        var start = _at;
        var path = table.AddRange(ReadKey());
        Take("=");
        SkipSpaces();
        var value = _at;
        SkipValue(1);
        return new(TomlKind.Pair, path, start, value, _at);
    }

    /// <summary>Words with dots between, up to what follows them.</summary>
    private ImmutableArray<string> ReadKey()
    {
        var words = ImmutableArray.CreateBuilder<string>();
        while (true)
        {
            SkipSpaces();
            words.Add(ReadWord());
            SkipSpaces();
            if (Peek() != '.') return words.ToImmutable();
            _at++;
        }
    }

    private string ReadWord()
    {
        var start = _at;
        if (Peek() is '"' or '\'')
        {
            SkipText();
            return TextOf(_text[start.._at]) ?? throw Refuse("a key is written in a way that is not understood");
        }

        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or '_')) _at++;
        return _at > start ? _text[start.._at] : throw Refuse("a key is missing");
    }

    /// <summary>What a text in quotes says; null where it is none, or one over several lines.</summary>
    public static string? TextOf(string written)
    {
        if (written.Length < 2 || written.StartsWith("\"\"\"", StringComparison.Ordinal) || written.StartsWith("'''", StringComparison.Ordinal)) return null;
        if (written[0] == '\'') return written[1..^1];
        if (written[0] != '"') return null;
        try
        {
            return JsonNode.Parse(written)?.GetValue<string>();
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException or ArgumentException)
        {
            return null; // an escape that only TOML has
        }
    }

    private void SkipValue(int level)
    {
        if (level > DeepestLevel) throw Refuse($"it is more than {DeepestLevel} levels deep");
        switch (Peek())
        {
            case '"' or '\'': SkipText(); break;
            case '[': SkipAll(']', () => SkipValue(level + 1)); break;
            case '{':
                SkipAll('}', () =>
                {
                    ReadKey();
                    Take("=");
                    SkipSpaces();
                    SkipValue(level + 1);
                });
                break;
            default: SkipPlain(level > 1 ? ",]}#\r\n" : "#\r\n"); break;
        }
    }

    /// <summary>What stands between brackets, with commas between.</summary>
    private void SkipAll(char close, Action skipOne)
    {
        _at++;
        for (SkipBlanks(); Peek() != close; SkipBlanks())
        {
            skipOne();
            SkipBlanks();
            if (Peek() == ',') _at++;
            else if (Peek() != close) throw Refuse($"a comma or {close} is missing");
        }

        _at++;
    }

    private void SkipText()
    {
        var quote = _text[_at];
        var mark = IsAhead(new string(quote, 3)) ? new string(quote, 3) : quote.ToString();
        _at += mark.Length;
        while (!IsAhead(mark))
        {
            if (_at >= _text.Length || (mark.Length == 1 && _text[_at] == '\n')) throw Refuse($"the end of a text, {mark}, is missing");
            _at += quote == '"' && _text[_at] == '\\' ? 2 : 1;
        }

        _at += mark.Length;
        // up to two quotes may stand before the three that end it
        for (var more = 0; mark.Length == 3 && more < 2 && Peek() == quote; more++) _at++;
    }

    private void SkipPlain(string ends)
    {
        var start = _at;
        while (_at < _text.Length && !ends.Contains(_text[_at], StringComparison.Ordinal)) _at++;
        while (_at > start && _text[_at - 1] is ' ' or '\t') _at--;
        if (_at == start) throw Refuse("a value is missing");
    }

    private void EndLine()
    {
        SkipSpaces();
        if (Peek() == '#') SkipComment();
        if (_at < _text.Length && _text[_at] is not ('\n' or '\r')) throw Refuse("nothing more may stand on this line");
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            if (_text[_at] is ' ' or '\t' or '\r' or '\n') _at++;
            else if (_text[_at] == '#') SkipComment();
            else return;
        }
    }

    private void SkipSpaces()
    {
        while (Peek() is ' ' or '\t') _at++;
    }

    private void SkipComment()
    {
        var end = _text.IndexOf('\n', _at);
        _at = end < 0 ? _text.Length : end;
    }

    private void Take(string mark)
    {
        if (!IsAhead(mark)) throw Refuse($"{mark} is missing");
        _at += mark.Length;
    }

    private bool IsAhead(string mark) => string.CompareOrdinal(_text, Math.Min(_at, _text.Length), mark, 0, mark.Length) == 0;

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private SettingsRefusedException Refuse(string what) =>
        new($"line {_text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n') + 1} is not valid TOML: {what}");
}
