using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Helix.Core.Connect;

/// <summary>A piece of JSON and where it stands in the text.</summary>
/// <param name="Start">Index of its first character.</param>
/// <param name="End">Index behind its last character.</param>
internal abstract record JsonPiece(int Start, int End)
{
    /// <param name="IsMap">An object; else a list.</param>
    internal sealed record Container(bool IsMap, ImmutableArray<JsonPart> Parts, int Start, int End) : JsonPiece(Start, End);

    internal sealed record Words(string Value, int Start, int End) : JsonPiece(Start, End);

    /// <summary>A number, a truth or nothing.</summary>
    internal sealed record Plain(int Start, int End) : JsonPiece(Start, End);
}

/// <summary>A member of an object, or an element of a list.</summary>
/// <param name="Key">Empty in a list.</param>
/// <param name="Start">Index of the first character of key or value.</param>
/// <param name="Comma">Index of the comma behind it; null where there is none.</param>
internal sealed record JsonPart(string Key, int Start, JsonPiece Value, int? Comma);

/// <summary>Reads JSON as people write it into settings: with comments, and with a comma behind the last part.</summary>
internal sealed class JsonScan
{
    private const int DeepestLevel = 100;

    private readonly string _text;
    private int _at;

    private JsonScan(string text) => _text = text;

    /// <summary>Null where there is nothing but blanks and comments.</summary>
    /// <exception cref="SettingsRefusedException">This is no JSON.</exception>
    public static JsonPiece? Read(string text)
    {
        var scan = new JsonScan(text);
        scan.SkipBlanks();
        if (scan._at == text.Length) return null;
        var root = scan.ReadValue(1);
        scan.SkipBlanks();
        return scan._at == text.Length ? root : throw scan.Refuse("nothing may follow here");
    }

    private JsonPiece ReadValue(int level)
    {
        if (level > DeepestLevel) throw Refuse($"it is more than {DeepestLevel} levels deep");
        return Peek() switch
        {
            '{' or '[' => ReadContainer(level),
            '"' => ReadWords(),
            _ => ReadPlain(),
        };
    }

    private JsonPiece.Container ReadContainer(int level)
    {
        var start = _at;
        var isMap = _text[_at++] == '{';
        var close = isMap ? '}' : ']';
        var parts = ImmutableArray.CreateBuilder<JsonPart>();
        while (true)
        {
            SkipBlanks();
            if (Peek() == close)
            {
                _at++;
                return new(isMap, parts.ToImmutable(), start, _at);
            }

            if (parts.Count > 0 && parts[^1].Comma is null) throw Refuse($"a comma or {close} is missing");
            parts.Add(ReadPart(isMap, level));
        }
    }

    private JsonPart ReadPart(bool isMap, int level)
    {
        var (start, key) = (_at, "");
        if (isMap)
        {
            if (Peek() != '"') throw Refuse("a name in double quotes is missing");
            key = ReadWords().Value;
            SkipBlanks();
            if (Peek() != ':') throw Refuse("a colon is missing");
            _at++;
            SkipBlanks();
        }

        var value = ReadValue(level + 1);
        SkipBlanks();
        int? comma = Peek() == ',' ? _at++ : null;
        return new(key, start, value, comma);
    }

    private JsonPiece.Words ReadWords()
    {
        var start = _at++;
        while (Peek() != '"')
        {
            if (_at >= _text.Length || _text[_at] < ' ') throw Refuse("a double quote is missing");
            _at += _text[_at] == '\\' ? 2 : 1;
        }

        _at++;
        try
        {
            return new(JsonNode.Parse(_text[start.._at])!.GetValue<string>(), start, _at);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or ArgumentException)
        {
            throw Refuse("the text before is not written as JSON writes texts");
        }
    }

    private JsonPiece.Plain ReadPlain()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '+' or '-' or '.')) _at++;
        var word = _text[start.._at];
        var isNumber = word.Length > 0 && (char.IsAsciiDigit(word[0]) || word[0] == '-') && word.All(letter => char.IsAsciiDigit(letter) || letter is '+' or '-' or '.' or 'e' or 'E');
        if (!isNumber && word is not ("true" or "false" or "null")) throw Refuse("a value is missing");
        return new(start, _at);
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            if (char.IsWhiteSpace(_text[_at])) _at++;
            else if (string.CompareOrdinal(_text, _at, "//", 0, 2) == 0) SkipTo("\n", orEnd: true);
            else if (string.CompareOrdinal(_text, _at, "/*", 0, 2) == 0) SkipTo("*/", orEnd: false);
            else return;
        }
    }

    private void SkipTo(string mark, bool orEnd)
    {
        var end = _text.IndexOf(mark, _at + 2, StringComparison.Ordinal);
        if (end < 0 && !orEnd) throw Refuse("the end of this comment is missing");
        _at = end < 0 ? _text.Length : end + mark.Length;
    }

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private SettingsRefusedException Refuse(string what)
    {
        var before = _text.AsSpan(0, Math.Min(_at, _text.Length));
        return new($"line {before.Count('\n') + 1} is not valid JSON: {what}");
    }
}
