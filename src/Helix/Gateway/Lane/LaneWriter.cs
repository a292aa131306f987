using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Net.Http.Headers;

namespace Helix.Gateway.Lane;

/// <summary>
/// Writes answers, one after the other: the head with the first content, the content framed by its length or in chunks. Small pieces leave in one send. That the
/// client has gone is told by the result of a write, never by an exception.
/// </summary>
/// <param name="send">Takes bytes that stay as they are until it is done; for one caller at a time.</param>
internal sealed class LaneWriter(LaneContext context, Func<ReadOnlyMemory<byte>, ValueTask> send, TimeProvider time) : PipeWriter
{
    /// <summary>What is as small is put together, in bytes.</summary>
    private const int Room = 16 << 10;

    private const int LeastRoom = 256;

    private static readonly FlushResult s_gone = new(isCanceled: false, isCompleted: true);

    private readonly DateLine _date = new(time);

    /// <summary>What leaves in one send; null in between, for a stream may pause for long.</summary>
    private byte[]? _room;

    /// <summary>What was written into memory of this writer's, and not flushed.</summary>
    private byte[]? _gathered;
    private int _gatheredLength;
    private long _written;
    private bool _isChunked;
    private bool _isOver;
    private bool _hasEnded;

    /// <summary>Status and headers are out.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>The connection is of no use after this answer.</summary>
    public bool Closes { get; private set; }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _gatheredLength;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes > (_gathered?.Length ?? 0) - _gatheredLength) throw new InvalidOperationException("More was written than there was room for; ask for memory first, and advance by no more than it has.");
        _gatheredLength += bytes;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _gathered.AsMemory(_gatheredLength);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _gathered.AsSpan(_gatheredLength);
    }

    public override void CancelPendingFlush() => throw LaneLack.Of("A way to cancel a write");

    /// <summary>Nothing more can be written; the answer itself ends with its request.</summary>
    public override void Complete(Exception? exception = null)
    {
        _isOver = true;
        if (exception is not null) context.Abort();
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<FlushResult>(cancellationToken) : LeaveAsync(TakeGathered());

    /// <exception cref="InvalidOperationException">It is more than the length that was set, the status has no content, or the writer was completed.</exception>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        ThrowIfOver();
        if (_gatheredLength == 0) return LeaveAsync(source);
        Reserve(source.Length);
        source.Span.CopyTo(_gathered.AsSpan(_gatheredLength));
        _gatheredLength += source.Length;
        return LeaveAsync(TakeGathered());
    }

    /// <summary>Writes what is missing of the answer: its head, its end.</summary>
    /// <returns>Whether the connection is good for another request.</returns>
    public ValueTask<bool> EndAsync() => _gatheredLength == 0 && (HasStarted || !context.Answer.HasStarters) ? EndNowAsync() : EndLaterAsync();

    /// <summary>For the next answer; nothing of this one is left.</summary>
    public void Reset()
    {
        (HasStarted, Closes, _isChunked, _isOver, _hasEnded) = (false, false, false, false, false);
        (_written, _gatheredLength) = (0, 0);
        GiveBack(ref _room);
        GiveBack(ref _gathered);
    }

    private static void GiveBack(ref byte[]? rented)
    {
        if (rented is null) return;
        LaneRooms.Return(rented);
        rented = null;
    }

    private void ThrowIfOver()
    {
        if (_isOver) throw new InvalidOperationException("Writing is not allowed after writer was completed.");
    }

    private void Reserve(int bytes)
    {
        ThrowIfOver();
        bytes = Math.Max(bytes, LeastRoom);
        if (_gathered is null)
        {
            _gathered = LaneRooms.Rent(Math.Max(bytes, Room));
            return;
        }

        if (_gathered.Length - _gatheredLength >= bytes) return;
        var larger = LaneRooms.Rent(Math.Max(_gathered.Length * 2, checked(_gatheredLength + bytes)));
        _gathered.AsSpan(0, _gatheredLength).CopyTo(larger);
        LaneRooms.Return(_gathered);
        _gathered = larger;
    }

    /// <summary>It stays where it is until it was flushed.</summary>
    private ReadOnlyMemory<byte> TakeGathered()
    {
        var taken = _gathered.AsMemory(0, _gatheredLength);
        _gatheredLength = 0;
        return taken;
    }

    private ValueTask<FlushResult> LeaveAsync(ReadOnlyMemory<byte> content) => HasStarted || !context.Answer.HasStarters ? FramedAsync(content) : LeaveLaterAsync(content);

    private async ValueTask<FlushResult> LeaveLaterAsync(ReadOnlyMemory<byte> content)
    {
        await context.Answer.RunStartersAsync();
        return await FramedAsync(content);
    }

    private ValueTask<FlushResult> FramedAsync(ReadOnlyMemory<byte> content)
    {
        Count(content.Length);
        var length = HasStarted ? 0 : Start(isWhole: false);
        var isChunk = _isChunked && !content.IsEmpty;
        if (length == 0 && !isChunk) return content.IsEmpty ? new(context.IsGone ? s_gone : default) : SentAsync(content);
        var room = _room ??= LaneRooms.Rent(Room);
        if (isChunk) length += ChunkFrame.WriteStart(room.AsSpan(length), content.Length);
        if (content.Length + ChunkFrame.EndLength > room.Length - length) return InPiecesAsync(length, content, isChunk);
        content.Span.CopyTo(room.AsSpan(length));
        length += content.Length;
        if (isChunk)
        {
            ChunkFrame.End.Span.CopyTo(room.AsSpan(length));
            length += ChunkFrame.EndLength;
        }

        return SentAsync(room.AsMemory(0, length));
    }

    /// <param name="length">Of what stands in the room before it.</param>
    private async ValueTask<FlushResult> InPiecesAsync(int length, ReadOnlyMemory<byte> content, bool isChunk)
    {
        var result = await SentAsync(_room.AsMemory(0, length));
        if (!result.IsCompleted) result = await SentAsync(content);
        return isChunk && !result.IsCompleted ? await SentAsync(ChunkFrame.End) : result;
    }

    private void Count(int bytes)
    {
        if (bytes == 0) return;
        if (!ResponseHead.MayHaveBody(context.Answer.StatusCode)) throw new InvalidOperationException($"Writing to the response body is invalid for responses with status code {context.Answer.StatusCode}.");
        if (context.Answer.Head.ContentLength is { } whole && _written + bytes > whole)
        {
            Closes = true;
            throw new InvalidOperationException($"Response Content-Length mismatch: too many bytes written ({_written + bytes} of {whole}).");
        }

        _written += bytes;
    }

    /// <summary>Settles how the answer is framed, and puts its head into the room.</summary>
    /// <param name="isWhole">No content follows.</param>
    /// <returns>Length of the head.</returns>
    private int Start(bool isWhole)
    {
        var (status, headers) = (context.Answer.StatusCode, context.Answer.Head);
        Closes |= context.WantsClose || (headers.TryGetValue(HeaderNames.Connection, out var connection) && !ResponseHead.KeepsConnection(connection));
        // whoever frames it himself is believed, but not trusted
        if (headers.ContainsKey(HeaderNames.TransferEncoding)) Closes = true;
        else if (headers.ContentLength is null && ResponseHead.HasLength(status))
        {
            if (isWhole || !ResponseHead.MayHaveBody(status)) headers.ContentLength = 0;
            else _isChunked = true;
        }

        headers.Seal();
        HasStarted = true;
        var most = ResponseHead.MostLength(headers) + ChunkFrame.MostStart;
        if (_room is null || _room.Length < most)
        {
            GiveBack(ref _room);
            _room = LaneRooms.Rent(Math.Max(most, Room));
        }

        return ResponseHead.Write(_room, status, headers, _date.Current, _isChunked, Closes);
    }

    private async ValueTask<bool> EndLaterAsync()
    {
        if (!HasStarted) await context.Answer.RunStartersAsync();
        if (_gatheredLength > 0) await LeaveAsync(TakeGathered());
        return await EndNowAsync();
    }

    private ValueTask<bool> EndNowAsync()
    {
        if (context.IsGone) return new(false);
        if (_hasEnded) return new(!Closes);
        _hasEnded = _isOver = true;
        var answer = context.Answer;
        var isShort = answer.Head.ContentLength > _written && ResponseHead.MayHaveBody(answer.StatusCode);
        if (!HasStarted)
        {
            // a length was set, and nothing came: that is no answer
            if (isShort) answer.Fail();
            var length = Start(isWhole: true);
            return GoesOnAsync(SentAsync(_room.AsMemory(0, length)));
        }

        if (isShort)
        {
            // whoever reads it must not take what follows for the rest
            context.Abort();
            return new(false);
        }

        return _isChunked ? GoesOnAsync(SentAsync(ChunkFrame.Last)) : new(!Closes);
    }

    private ValueTask<bool> GoesOnAsync(ValueTask<FlushResult> writing)
    {
        return writing.IsCompletedSuccessfully ? new(!writing.Result.IsCompleted && !Closes) : LaterAsync(writing);

        async ValueTask<bool> LaterAsync(ValueTask<FlushResult> later) => !(await later).IsCompleted && !Closes;
    }

    private ValueTask<FlushResult> SentAsync(ReadOnlyMemory<byte> bytes)
    {
        if (context.IsGone) return new(s_gone);
        try
        {
            return DoneAsync(send(bytes));
        }
        catch (Exception broken) when (IsBreak(broken))
        {
            context.Lose();
            return new(s_gone);
        }
    }

    /// <summary>Nearly always that is done at once, and nothing has to be remembered.</summary>
    private ValueTask<FlushResult> DoneAsync(ValueTask sending)
    {
        if (!sending.IsCompletedSuccessfully) return LaterAsync(sending);
        sending.GetAwaiter().GetResult();
        GiveBack(ref _room);
        return new(context.IsGone ? s_gone : default);

        async ValueTask<FlushResult> LaterAsync(ValueTask later)
        {
            try
            {
                await later;
            }
            catch (Exception broken) when (IsBreak(broken))
            {
                context.Lose();
            }

            return context.IsGone ? s_gone : default;
        }
    }

    private static bool IsBreak(Exception error) => error is SocketException or ObjectDisposedException;
}
