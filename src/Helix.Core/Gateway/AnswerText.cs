using System.Collections.Immutable;
using System.Text;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Gateway;

/// <summary>A call of a tool in an answer that is kept.</summary>
internal sealed record KeptCall(string Name, string Arguments);

/// <summary>An answer as it may be kept: its first choice, with what <see cref="Redaction"/> put into it.</summary>
/// <param name="Thought">Null where it tells none.</param>
/// <param name="Finish">OpenAI's <c>finish_reason</c>; null where it came to no end.</param>
/// <param name="Hidden">Pieces that were taken out.</param>
/// <param name="IsCut">It is not whole.</param>
internal sealed record KeptText(string? Text, string? Thought, ImmutableArray<KeptCall> Calls, string? Finish, int Hidden, bool IsCut);

/// <summary>
/// Listens to an answer in OpenAI's words, and puts it together: a secret may come in pieces, each of which looks like nothing.
/// </summary>
/// <param name="isStream">It comes as events.</param>
internal sealed class AnswerText(bool isStream)
{
    /// <summary>What is longer in all is not kept whole, in characters; of an answer in one piece nothing is, in bytes.</summary>
    public const int Longest = 1 << 20;

    /// <summary>What is longer is not compared with another, in characters.</summary>
    public const int LongestCompared = 1 << 16;

    /// <summary>That a call takes beside its words, about, in characters.</summary>
    private const int CallOverhead = 64;

    private readonly MemoryStream _whole = new();
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _thought = new();
    private readonly CallNumbers _numbers = new();
    private readonly List<(string Name, StringBuilder Arguments)> _calls = [];
    private string? _finish;
    private int _length;
    private bool _isCut;
    private bool _hasOthers;

    /// <summary>Bytes that it takes in memory, about.</summary>
    public long Size => _whole.Length + (sizeof(char) * (long)_length);

    /// <param name="piece">Of a stream whole events; of a whole answer any part of it.</param>
    public void Push(ReadOnlySpan<byte> piece)
    {
        if (!isStream)
        {
            if (_whole.Length + piece.Length <= Longest) _whole.Write(piece);
            else _isCut = true;
            return;
        }

        foreach (var data in EventData.Of(piece))
            if (!EventData.IsDone(data) && ChatPiece.Read(data) is { } said) Take(said);
    }

    /// <summary>Nothing comes after it. Called once.</summary>
    public KeptText End()
    {
        TakeWhole();
        var (hidden, left) = (0, AskedText.MostText);
        return new(Clean(_text), Clean(_thought), [.. _calls.Select(call => new KeptCall(call.Name, Clean(call.Arguments) ?? ""))], _finish, hidden, _isCut);

        string? Clean(StringBuilder words)
        {
            if (words.Length == 0) return null;
            var (clean, found) = Redaction.Of(words.ToString());
            hidden += found;
            var kept = AskedText.Shortened(clean, left);
            left -= Math.Min(left, kept.Length);
            _isCut |= kept.Length != clean.Length;
            return kept;
        }
    }

    /// <summary>As it came, for a comparison. Nothing comes after it. Called once, and in place of <see cref="End"/>.</summary>
    /// <returns>Null where it is too long, is several answers, or says nothing in OpenAI's words.</returns>
    public SaidAnswer? Said()
    {
        TakeWhole();
        var length = _text.Length + _calls.Sum(call => call.Name.Length + call.Arguments.Length);
        var isFit = !_isCut && !_hasOthers && length > 0 && length <= LongestCompared;
        return !isFit ? null : new(_text.ToString(), [.. _calls.Select(call => new KeptCall(call.Name, call.Arguments.ToString()))]);
    }

    private void TakeWhole()
    {
        if (!isStream && !_isCut && ChatPiece.Read(_whole.ToArray()) is { } said) Take(said);
    }

    private void Take(ChatPiece said)
    {
        _hasOthers |= !said.IsOnly;
        Add(_text, said.Text);
        Add(_thought, said.Thought);
        _finish = said.Finish ?? _finish;
        foreach (var piece in said.Calls)
        {
            if (_isCut) return;
            var number = _numbers.Of(piece);
            if (number == _calls.Count)
            {
                if (!Fits(CallOverhead)) return;
                _calls.Add(("", new()));
            }

            if (piece.Name is { Length: > 0 } name && Fits(name.Length)) _calls[number] = (name, _calls[number].Arguments);
            Add(_calls[number].Arguments, piece.Arguments);
        }
    }

    private void Add(StringBuilder to, string? words)
    {
        if (words is not null && Fits(words.Length)) to.Append(words);
    }

    private bool Fits(int length)
    {
        // nothing is put behind a gap
        _isCut |= _length + length > Longest;
        if (!_isCut) _length += length;
        return !_isCut;
    }
}
