using System.Buffers;
using Helix.Core.Gateway;
using Helix.Gateway.Lane;

namespace Helix.Gateway;

/// <summary>A request's body in one rented buffer.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstRent = 16 << 10;

    private BodyRoom? _room;

    /// <summary>Bytes that it is to have, as its client says; 0 where it does not.</summary>
    private readonly long _announced;
    private byte[] _buffer;
    private int _length;
    private long _counted;

    /// <summary>It was given back: nobody reads it any more.</summary>
    private bool _isOver;

    private RequestBody(long? announced, BodyRoom? room) =>
        (_buffer, _announced, _room) = (LaneRooms.Rent((int)Math.Min(announced ?? FirstRent, FirstRent)), announced ?? 0, room);

    private RequestBody() => (_buffer, _isOver) = ([], true);

    /// <summary>As much again three times; all that is announced, where that is at most eight times what has come, so that it is not copied once more for a little.</summary>
    private int Larger => _announced > 0 && _announced <= Math.Min(_buffer.Length * 8L, Array.MaxLength) ? (int)_announced : (int)Math.Min(_buffer.Length * 4L, Array.MaxLength);

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads the body to its end. Memory grows with what arrives, not with what is announced.</summary>
    /// <exception cref="BadHttpRequestException">Too large for the limit set on the request, cut short, or too slow.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context, FormPeek? form = null) => (await ReadAsync(context, null, 0, form))!;

    /// <summary>The same among other bodies.</summary>
    /// <param name="most">Bytes that all of them may have together.</param>
    /// <param name="form">Looks at it as it arrives; null where it is no form.</param>
    /// <returns>Null where there is no room for it at this moment.</returns>
    /// <exception cref="BadHttpRequestException">Too large for the limit set on the request, cut short, or too slow.</exception>
    public static ValueTask<RequestBody?> ReadAsync(HttpContext context, BodyRoom? room, long most, FormPeek? form = null) =>
        context is LaneContext lane && lane.TakeBody(out var rented, out var length) ? new(Taken(lane, rented, length, room, most, form)) : ReadToEndAsync(context, room, most, form);

    /// <summary>One that is there already, as it is.</summary>
    /// <param name="rented">It is given back here.</param>
    private static RequestBody? Taken(LaneContext lane, byte[] rented, int length, BodyRoom? room, long most, FormPeek? form)
    {
        var body = lane.Body is { _isOver: true } before ? before : (lane.Body = new RequestBody());
        (body._buffer, body._room, body._isOver) = (rented, room, false);
        if (!body.Counts(length, most))
        {
            body.Dispose();
            return null;
        }

        body._length = length;
        form?.Push(body.Bytes.Span);
        return body;
    }

    private static async ValueTask<RequestBody?> ReadToEndAsync(HttpContext context, BodyRoom? room, long most, FormPeek? form)
    {
        var body = new RequestBody(context.Request.ContentLength, room);
        try
        {
            var reader = context.Request.BodyReader;
            while (true)
            {
                var result = await reader.ReadAsync();
                var hasRoom = body.Counts(result.Buffer.Length, most);
                if (hasRoom) body.Append(result.Buffer, form);
                reader.AdvanceTo(result.Buffer.End);
                if (!hasRoom)
                {
                    body.Dispose();
                    return null;
                }

                if (result.IsCompleted) return body;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        LaneRooms.Return(_buffer);
        (_buffer, _length, _isOver) = ([], 0, true);
        // all loops count in one place: most bodies have nothing to do with it
        if (_counted > 0) _room?.Leave(_counted);
        _counted = 0;
    }

    private bool Counts(long bytes, long most)
    {
        // what every connection may cost is let through, so that large bodies keep no small ones out
        var more = Math.Max(0, _length + bytes - FirstRent) - _counted;
        if (_room is null || more <= 0) return true;
        if (!_room.Take(more, most)) return false;
        _counted += more;
        return true;
    }

    private void Append(ReadOnlySequence<byte> bytes, FormPeek? form)
    {
        var length = checked(_length + (int)bytes.Length);
        if (length > _buffer.Length)
        {
            var larger = LaneRooms.Rent(Math.Max(length, Larger));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            LaneRooms.Return(_buffer);
            _buffer = larger;
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        form?.Push(_buffer.AsSpan(_length..length));
        _length = length;
    }
}
