using System.Threading.Channels;

namespace Helix.Install;

/// <summary>The rest of a big file, fetched in several ranges at once and given out in order, so that what lies on the disk never has a hole.</summary>
internal sealed class Pieces : IAsyncDisposable
{
    private readonly PieceSource _source;
    private readonly RangePlan _plan;
    private readonly CancellationTokenSource _stop;
    private readonly LinkedList<Piece> _queue = [];
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _next;

    /// <summary>Begins one range less than the plan allows: the stream before <paramref name="from"/> is still under way.</summary>
    public Pieces(PieceSource source, RangePlan plan, long from, CancellationToken cancellationToken)
    {
        (_source, _plan, _next, From) = (source, plan, from, from);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        for (var i = 1; i < plan.AtOnce; i++) Add(null);
    }

    public long From { get; }

    /// <summary>Bytes that have come and were not given out yet.</summary>
    public long Waiting => _queue.Sum(piece => piece.Waiting);

    /// <summary>True once the first range comes, and false if it does not.</summary>
    public async Task<bool> OpenAsync()
    {
        var first = _queue.First!.Value;
        while (first.Waiting == 0)
        {
            if (await first.EndAsync() is not null) return first.Waiting > 0;
            await MovedAsync();
        }

        Add(null);
        return true;
    }

    /// <summary>The stream before <see cref="From"/> broke off at <paramref name="reached"/>: what is missing between the two comes as a range, too.</summary>
    public void Precede(long reached) => _queue.AddFirst(Begin(reached, (int)(From - reached)));

    /// <summary>Continues what broke off.</summary>
    public void Resume()
    {
        foreach (var piece in _queue) piece.Start(_stop.Token);
    }

    /// <returns>What comes next, which is nothing if only later ranges have moved; or why it does not come.</returns>
    public async Task<(ReadOnlyMemory<byte> Bytes, Attempt? End)> NextAsync()
    {
        var first = _queue.First!.Value;
        if (first.IsTaken)
        {
            _queue.RemoveFirst();
            Add(first.Room);
            first = _queue.First!.Value;
        }

        var end = await first.EndAsync();
        if (first.Waiting > 0) return (first.Take(), null);
        if (end is null) await MovedAsync();
        return (default, end);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var piece in _queue) await piece.Ended;
        _stop.Dispose();
    }

    private void Add(byte[]? room)
    {
        if (_next == _source.Total) return;
        var length = (int)Math.Min(_plan.PieceBytes, _source.Total - _next);
        _queue.AddLast(Begin(_next, length, room)).Value.Start(_stop.Token);
        _next += length;
    }

    private Piece Begin(long from, int length, byte[]? room = null) =>
        new(_source, from, length, room ?? GC.AllocateUninitializedArray<byte>(_plan.PieceBytes), () => _bell.Writer.TryWrite(true));

    private async Task MovedAsync() => await _bell.Reader.ReadAsync(_stop.Token);
}
