using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>What was heard of an answer from some piece on.</summary>
/// <param name="Head">Status and headers; null before the first piece.</param>
/// <param name="IsOver">Nothing more comes.</param>
/// <param name="IsWhole">It came to its end as it should.</param>
/// <param name="Changed">Completes when there is more to be heard.</param>
internal readonly record struct HeardAnswer(UpstreamHead? Head, string Provider, IReadOnlyList<(TimeSpan At, byte[] Piece)> Pieces, bool IsOver, bool IsWhole, Task Changed);

/// <summary>An answer as it comes, or came, for others who ask for the same.</summary>
/// <param name="model">That is to give it.</param>
/// <param name="isSelfTest">It is the self-test's.</param>
internal sealed class AnswerRecord(string model, bool isSelfTest, TimeProvider time)
{
    /// <summary>A longer one is not kept, in bytes.</summary>
    public const int Longest = 4 << 20;

    /// <summary>That keeping a piece takes beside the piece itself, in bytes.</summary>
    private const int PieceOverhead = 64;

    private readonly Lock _gate = new();
    private readonly List<(TimeSpan At, byte[] Piece)> _pieces = [];
    private UpstreamHead? _head;
    private string _provider = "";
    private long _began;
    private int _length;
    private TaskCompletionSource? _changed;
    private bool _isOver;
    private bool _isWhole;

    public string Model => model;

    public bool IsSelfTest => isSelfTest;

    public DateTimeOffset Ended { get; private set; }

    /// <summary>Bytes that it takes in memory.</summary>
    public long Size => _length + (long)PieceOverhead * _pieces.Count;

    /// <summary>One that was told somewhere else.</summary>
    /// <returns>Null if it is not whole.</returns>
    public static AnswerRecord? Kept(string model, bool isSelfTest, string provider, UpstreamHead head, IReadOnlyList<(TimeSpan At, byte[] Piece)> pieces, DateTimeOffset ended, TimeProvider time)
    {
        var record = new AnswerRecord(model, isSelfTest, time);
        record.Begin(head, provider);
        record._pieces.AddRange(pieces);
        record._length = pieces.Sum(each => each.Piece.Length);
        if (record._length > Longest || !record.End(isWhole: true)) return null;
        record.Ended = ended;
        return record;
    }

    public void Begin(UpstreamHead head, string provider)
    {
        lock (_gate)
        {
            // somebody else was to answer, and some may have heard a part of that
            if (_head is not null) Over(isWhole: false);
            else (_head, _provider, _began) = (head, provider, time.GetTimestamp());
        }
    }

    public void Add(ReadOnlySpan<byte> piece)
    {
        lock (_gate)
        {
            if (_isOver) return;
            _length += piece.Length;
            if (_length > Longest)
            {
                Over(isWhole: false);
                return;
            }

            _pieces.Add((time.GetElapsedTime(_began), piece.ToArray()));
            Wake();
        }
    }

    /// <param name="isWhole">Its end came as it should.</param>
    /// <returns>Whether it may be told again.</returns>
    public bool End(bool isWhole)
    {
        lock (_gate)
        {
            Over(isWhole && _head is not null && WholeAnswer.IsGood(_head, Joined(_pieces)));
            return _isWhole;
        }
    }

    /// <param name="number">Of the first piece that is wanted.</param>
    public HeardAnswer From(int number)
    {
        lock (_gate) return new(_head, _provider, _pieces.Count > number ? _pieces.GetRange(number, _pieces.Count - number) : [], _isOver, _isWhole, _isOver ? Task.CompletedTask : (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task);
    }

    public static byte[] Joined(IReadOnlyList<(TimeSpan At, byte[] Piece)> pieces)
    {
        var whole = new byte[pieces.Sum(each => each.Piece.Length)];
        var at = 0;
        foreach (var (_, piece) in pieces)
        {
            piece.CopyTo(whole, at);
            at += piece.Length;
        }

        return whole;
    }

    private void Over(bool isWhole)
    {
        if (_isOver) return;
        (_isOver, _isWhole, Ended) = (true, isWhole, time.GetUtcNow());
        if (!isWhole) _pieces.Clear();
        Wake();
    }

    private void Wake()
    {
        _changed?.SetResult();
        _changed = null;
    }
}
