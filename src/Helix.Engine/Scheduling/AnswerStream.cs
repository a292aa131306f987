using System.Buffers;
using System.Threading.Tasks.Sources;

namespace Helix.Engine.Scheduling;

/// <summary>A stretch of an answer: whole UTF-8 characters, cut where the model's tokens end.</summary>
internal sealed class AnswerPart
{
    private readonly ArrayBufferWriter<byte> _text = new(256);
    private readonly List<int> _ends = [];

    /// <summary>Everything since the part before.</summary>
    public ReadOnlySpan<byte> Text => _text.WrittenSpan;

    /// <summary>How many pieces the text came in.</summary>
    public int Count => _ends.Count;

    /// <summary>Set in the last part.</summary>
    public AnswerEnd? End { get; internal set; }

    public ReadOnlySpan<byte> Piece(int index)
    {
        var start = index == 0 ? 0 : _ends[index - 1];
        return _text.WrittenSpan[start.._ends[index]];
    }

    internal void Add(ReadOnlySpan<byte> piece)
    {
        _text.Write(piece);
        _ends.Add(_text.WrittenCount);
    }

    internal void Clear()
    {
        _text.ResetWrittenCount();
        _ends.Clear();
        End = null;
    }
}

/// <summary>
/// An answer on its way from the scheduler to one reader. The scheduler never waits: what a slow reader has not taken
/// gathers here, bounded by the context's length.
/// </summary>
/// <param name="cancelled">Told that the reader has gone.</param>
internal sealed class AnswerStream(Action<AnswerStream> cancelled) : IValueTaskSource<AnswerPart>
{
    // protects all below: the scheduler writes, the reader takes
    private readonly Lock _lock = new();
    private AnswerPart _filling = new();
    private AnswerPart _taken = new();
    private ManualResetValueTaskSourceCore<AnswerPart> _core = new() { RunContinuationsAsynchronously = true };
    private bool _waited;
    private volatile bool _cancelled;
    private volatile bool _inPrompt;

    public bool IsCancelled => _cancelled;

    /// <summary>True while a stretch of its prompt is computed, which may take long.</summary>
    internal bool IsInPrompt { get => _inPrompt; set => _inPrompt = value; }

    /// <summary>The reader has lost interest; the scheduler stops at the next token.</summary>
    public void Cancel()
    {
        _cancelled = true;
        cancelled(this);
    }

    /// <summary>The next part as soon as there is any; one reader only, and the part is valid until the next call.</summary>
    public ValueTask<AnswerPart> NextAsync()
    {
        lock (_lock)
        {
            if (_filling.Count > 0 || _filling.End is not null)
                return new ValueTask<AnswerPart>(Swap());
            _core.Reset();
            _waited = true;
            return new ValueTask<AnswerPart>(this, _core.Version);
        }
    }

    internal void Write(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty)
            return;
        AnswerPart? part;
        lock (_lock)
        {
            _filling.Add(piece);
            part = TakeIfWaited();
        }

        if (part is not null)
            _core.SetResult(part);
    }

    internal void Finish(AnswerEnd end)
    {
        AnswerPart? part;
        lock (_lock)
        {
            _filling.End ??= end;
            part = TakeIfWaited();
        }

        if (part is not null)
            _core.SetResult(part);
    }

    AnswerPart IValueTaskSource<AnswerPart>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<AnswerPart>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<AnswerPart>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private AnswerPart? TakeIfWaited()
    {
        if (!_waited)
            return null;
        _waited = false;
        return Swap();
    }

    private AnswerPart Swap()
    {
        (_filling, _taken) = (_taken, _filling);
        _filling.Clear();
        return _taken;
    }
}
