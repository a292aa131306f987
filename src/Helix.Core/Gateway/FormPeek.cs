using System.Text;
using System.Text.Unicode;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>
/// Reads from a form (<c>multipart/form-data</c>), as its bytes arrive, what routing needs, and checks that it can be read in one way only: the engine
/// is to find the same parts as helix. Nothing of files is kept.
/// </summary>
internal sealed class FormPeek
{
    /// <summary>That the lines before a part may have together, in bytes.</summary>
    public const int MostHead = 8 << 10;

    public const int MostParts = 1000;

    /// <summary>That a value may have which routing wants to know, in bytes.</summary>
    public const int MostValue = 1024;

    /// <summary>The end of a line, and the boundary.</summary>
    private readonly byte[] _delimiter;
    private readonly string _contentType;
    private readonly byte[] _head = new byte[MostHead];

    /// <summary>With the CR that belongs to the delimiter.</summary>
    private readonly byte[] _value = new byte[MostValue + 1];
    private State _state;
    private GatewayError? _bad;

    /// <summary>Bytes that have come.</summary>
    private int _read;
    private byte _last;

    /// <summary>Of the delimiter, or of what stands behind it, that have come.</summary>
    private int _matched;

    /// <summary>Before the delimiter at hand stands a CR, as it should.</summary>
    private bool _hasCr;

    /// <summary>The part has just begun: the end of its blank line could be taken for that of a delimiter.</summary>
    private bool _isAtStart;
    private int _parts;
    private int _headLength;
    private int _valueLength;
    private int _valueStart;
    private Part _part;
    private string? _model;
    private (int Start, int Length) _modelAt;
    private bool? _streams;

    /// <param name="boundary">One that <see cref="FormBoundary.Read"/> found to be right.</param>
    public FormPeek(string boundary)
    {
        _delimiter = Encoding.ASCII.GetBytes("\n--" + boundary);
        _contentType = FormBoundary.Told(boundary);
        // before the first one there is no line that ends
        _matched = 1;
    }

    private enum State
    {
        Opening,
        Behind,
        Head,
        Data,
        Ending,
    }

    private enum Part
    {
        Other,
        Model,
        Stream,
    }

    /// <summary>For a body of this content type.</summary>
    /// <returns>Neither where it is no form.</returns>
    public static (FormPeek? Form, GatewayError? Bad) Of(string? contentType)
    {
        if (!FormBoundary.IsForm(contentType)) return (null, null);
        if (FormBoundary.Read(contentType!) is { } boundary) return (new(boundary), null);
        return (null, new(400, "invalid_form", $"The form's boundary cannot be told from its content type. Send `Content-Type: multipart/form-data; boundary=...`, with one boundary of at most {FormBoundary.Most} plain letters; what makes the form for you knows how."));
    }

    /// <summary>The next bytes, however they are cut.</summary>
    public void Push(ReadOnlySpan<byte> arrived)
    {
        while (!arrived.IsEmpty && _bad is null)
        {
            if (_state == State.Data && _matched == 0)
            {
                var stop = arrived.IndexOf((byte)'\n');
                var plain = stop < 0 ? arrived : arrived[..stop];
                Keep(plain);
                if (!plain.IsEmpty) _last = plain[^1];
                _read += plain.Length;
                arrived = arrived[plain.Length..];
                if (stop < 0 || _bad is not null) return;
            }

            _read++;
            Step(arrived[0]);
            _last = arrived[0];
            arrived = arrived[1..];
        }
    }

    /// <summary>There are no more.</summary>
    public BodyLook End()
    {
        if (_state != State.Ending || _matched == 1) Break("it is cut short: its last part is not closed by its boundary and two hyphens");
        if (string.IsNullOrEmpty(_model)) _bad ??= new(400, "missing_parameter", "The form names no model. Send a part 'model' with a model's name, or with auto.", "model");
        return _bad is { } error
            ? new BodyLook.Bad(error)
            : new BodyLook.Good(new BodyFacts(_model, _modelAt.Start, _modelAt.Length, HasMembers: true, _streams == true, ModelAbilities.None) { ContentType = _contentType });
    }

    private void Step(byte next)
    {
        switch (_state)
        {
            case State.Opening or State.Data:
                Match(next);
                break;
            case State.Behind when _matched == 0:
                _matched = 1;
                break;
            case State.Behind:
                _matched = 0;
                if (_last == '\r' && next == '\n') BeginPart();
                else if (_last == '-' && next == '-') _state = State.Ending;
                else Break("a line begins like its boundary and goes on otherwise; lines end with CR and LF");
                break;
            case State.Head:
                ReadHead(next);
                break;
            case State.Ending when _matched < 2 && next == "\r\n"u8[_matched]:
                _matched++;
                break;
            default:
                Break("something stands behind its end");
                break;
        }
    }

    /// <summary>The first letter of a delimiter is nowhere else in it: one that was none may only begin anew with the letter at hand.</summary>
    private void Match(byte next)
    {
        if (next == _delimiter[_matched])
        {
            if (_matched == 0) _hasCr = _last == '\r';
            if (++_matched < _delimiter.Length) return;
            if (_state == State.Data) EndPart();
            (_state, _matched) = (State.Behind, 0);
            return;
        }

        if (_state == State.Opening)
        {
            Break("it does not begin with its boundary");
            return;
        }

        Keep(_delimiter.AsSpan(_isAtStart ? 1 : 0, _isAtStart ? _matched - 1 : _matched));
        (_isAtStart, _matched, _hasCr) = (false, next == '\n' ? 1 : 0, _last == '\r');
        if (_matched == 0) Keep([next]);
    }

    private void BeginPart()
    {
        (_state, _headLength) = (State.Head, 0);
        if (++_parts > MostParts) Break($"it has more than {MostParts} parts");
    }

    private void ReadHead(byte next)
    {
        if (_headLength == MostHead)
        {
            Break($"the lines before a part are longer than {MostHead} bytes");
            return;
        }

        _head[_headLength++] = next;
        var head = _head.AsSpan(0, _headLength);
        if (head.SequenceEqual("\r\n"u8)) Break("a part has no Content-Disposition");
        if (!head.EndsWith("\r\n\r\n"u8)) return;
        var (its, wrong) = FormHead.Read(head[..^4]);
        if (wrong is not null)
        {
            Break(wrong);
            return;
        }

        _part = its.Name switch { "model" => Part.Model, "stream" => Part.Stream, _ => Part.Other };
        if (_part != Part.Other && its.IsFile) Refuse("invalid_type", $"'{its.Name}' must be a text, not a file.", its.Name);
        if (_part == Part.Model ? _model is not null : _part == Part.Stream && _streams is not null) Refuse("duplicate_parameter", $"'{its.Name}' is given twice. Give it once.", its.Name);
        (_state, _valueStart, _valueLength, _matched, _isAtStart) = (State.Data, _read, 0, 1, true);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_part == Part.Other) return;
        if (_valueLength + bytes.Length > _value.Length)
        {
            var name = _part == Part.Model ? "model" : "stream";
            Refuse("invalid_type", $"'{name}' is longer than {MostValue} bytes.", name);
            return;
        }

        bytes.CopyTo(_value.AsSpan(_valueLength));
        _valueLength += bytes.Length;
    }

    private void EndPart()
    {
        if (_isAtStart || !_hasCr)
        {
            Break("before a boundary stands no line end of its own, with CR and LF");
            return;
        }

        if (_part == Part.Other) return;
        var value = _value.AsSpan(0, _valueLength - 1);
        var text = Utf8.IsValid(value) ? Encoding.UTF8.GetString(value) : null;
        if (_part == Part.Model)
        {
            if (text is null || text.Any(char.IsControl)) Refuse("invalid_type", "'model' must be the name of a model, in UTF-8 and on one line.", "model");
            (_model, _modelAt) = (text ?? "", (_valueStart, value.Length));
        }
        else if (text is "1" or "0") _streams = text == "1";
        else if (bool.TryParse(text, out var streams)) _streams = streams;
        else Refuse("invalid_type", "'stream' must be true or false.", "stream");
    }

    private void Break(string why) => _bad ??= new(400, "invalid_form", $"The form cannot be read: {why}.");

    private void Refuse(string code, string message, string name) => _bad ??= new(400, code, message, name);
}
