using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;
using Helix.Core.Clouds;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Gateway.Lane;

namespace Helix.Gateway;

/// <summary>One HTTP/1.1 connection to an engine or a cloud, used for one request at a time. A broken connection is an outcome here, not an exception.</summary>
/// <param name="socket">Null where <paramref name="lane"/> is none.</param>
/// <param name="lines">Where it lies between two requests; null for one that is of use once.</param>
/// <param name="encrypted">Over the socket; null where bytes go as they are.</param>
internal sealed class UpstreamConnection(Socket? socket, IdleLines? lines = null, Stream? encrypted = null, LaneSocket? lane = null) : IDisposable
{
    /// <summary>For a request of some length, and for the longest head of an answer, in bytes.</summary>
    private const int Room = 32 << 10;

    /// <summary>What is sent, then what has come; null while nothing is there. Of whoever has the connection for a request: who only closes it leaves it alone.</summary>
    private byte[]? _room;
    private int _start;
    private int _end;
    private UpstreamHead? _head;

    /// <summary>Of the answer before: nearly always the next begins in the same words, and needs no head of its own.</summary>
    private UpstreamHead? _headBefore;
    private long _left;
    private ChunkedBody _chunks;
    private bool _complete;
    private bool _died;

    /// <summary>The other side said something behind the end of its answer.</summary>
    private bool _hasMore;

    /// <summary>Where it lies between two requests; null for one that is of use once.</summary>
    public IdleLines? Lines => lines;

    /// <summary>Served a request before, so that the engine may have closed it meanwhile.</summary>
    public bool IsReused { get; private set; }

    /// <summary>Whether another request can be sent after this one.</summary>
    public bool CanBeReused => _complete && !_hasMore && _head is { KeepAlive: true };

    /// <summary>Whether the other side has closed it, or said something unasked.</summary>
    public bool IsStale()
    {
        try
        {
            if (lane is not null) return lane.HasHungUp || (!lane.IsQuiet && lane.Receive(stackalloc byte[1]) >= 0);
            return socket!.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>A timestamp; 0 where nobody asks.</summary>
    public long IdleSince { get; private set; }

    /// <param name="now">A timestamp; 0 where nobody will ask since when it is idle.</param>
    public void MarkReused(long now) => (IsReused, IdleSince) = (true, now);

    /// <summary>Sends a POST whose body is <paramref name="body"/> with <paramref name="splice"/> done to it.</summary>
    /// <param name="contentType">Of the body.</param>
    /// <param name="betas">Of the header <c>anthropic-beta</c>; null for none.</param>
    /// <returns>Also where the connection broke: an answer may still be there to be read.</returns>
    public ValueTask SendAsync(Backend backend, InferenceRoute route, string requestId, ReadOnlyMemory<byte> body, ModelSplice splice, string contentType, string? betas = null)
    {
        (_start, _end, _head, _chunks, _complete, _died, _hasMore) = (0, 0, null, default, false, false, false);
        var room = _room ??= LaneRooms.Rent(Room);
        var length = splice.LengthFor(body.Length);
        var head = WriteHead(room, backend, route, requestId, length, contentType, betas);
        if (head + length > room.Length) return AllAsync([room.AsMemory(0, head), body[..splice.Start], splice.Insert, body[splice.Resume..]]);
        var rest = room.AsSpan(head);
        body.Span[..splice.Start].CopyTo(rest);
        splice.Insert.Span.CopyTo(rest[splice.Start..]);
        body.Span[splice.Resume..].CopyTo(rest[(splice.Start + splice.Insert.Length)..]);
        return AllAsync([room.AsMemory(0, head + length)]);
    }

    private ValueTask AllAsync(ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        try
        {
            for (var at = 0; at < parts.Length; at++)
            {
                var sending = SendAllAsync(parts[at]);
                if (!sending.IsCompletedSuccessfully) return LaterAsync(sending, parts[(at + 1)..].ToArray());
                sending.GetAwaiter().GetResult();
            }
        }
        catch (Exception broken) when (IsBreak(broken))
        {
            // whoever reads the answer finds out
        }

        return ValueTask.CompletedTask;

        async ValueTask LaterAsync(ValueTask sending, ReadOnlyMemory<byte>[] left)
        {
            try
            {
                await sending;
                foreach (var part in left) await SendAllAsync(part);
            }
            catch (Exception broken) when (IsBreak(broken))
            {
                // the same
            }
        }
    }

    /// <summary>The head of the answer, without waiting.</summary>
    /// <param name="head">Null if the connection broke, or what came is not HTTP.</param>
    /// <returns>False where more has to arrive before there is one.</returns>
    public bool TryReadHead(out UpstreamHead? head)
    {
        head = null;
        while (!_died)
        {
            var arrived = _room.AsSpan(_start, _end - _start);
            var length = arrived.IndexOf("\r\n\r\n"u8);
            // where there is no room for more, it is none
            if (length < 0) return _end == _room?.Length;
            _start += length + 4;
            var read = UpstreamHead.Parse(arrived[..length], _headBefore);
            if (read is { Status: < 200 }) continue;
            (_head, _headBefore, _left) = (read, read, read?.Length ?? 0);
            _complete = read is { Framing: BodyFraming.Length, Length: 0 };
            _hasMore = _complete && _start < _end;
            head = read;
            return true;
        }

        return true;
    }

    /// <summary>The next piece of the body; valid until the next call.</summary>
    public async ValueTask<BodyPart> ReadAsync()
    {
        BodyPart part;
        while (!TryRead(out part))
        {
            int count;
            try
            {
                count = await ReceiveAsync();
            }
            catch (Exception broken) when (IsBreak(broken))
            {
                count = -1;
            }

            Arrived(count);
        }

        return part;
    }

    /// <summary>The same without waiting.</summary>
    /// <param name="part">Valid until the next call.</param>
    /// <returns>False where more has to arrive before there is any.</returns>
    public bool TryRead(out BodyPart part)
    {
        while (!_complete && !_died)
        {
            if (_start == _end)
            {
                part = default;
                return false;
            }

            var data = Decode();
            _died = _chunks.IsBroken;
            if (_died || data.Length == 0) continue;
            part = new(data, _complete ? BodyProgress.Complete : BodyProgress.More);
            return true;
        }

        part = new(default, _died ? BodyProgress.Died : BodyProgress.Complete);
        return true;
    }

    /// <summary>
    /// Waits until more of the answer is there, which <see cref="Arrived"/> takes. Whoever reads an answer awaits the socket itself: each layer between costs as much as
    /// what is done with a piece.
    /// </summary>
    /// <returns>What <see cref="Arrived"/> is told.</returns>
    /// <exception cref="Exception">For which <see cref="IsBreak"/> holds: the connection broke.</exception>
    public ValueTask<int> ReceiveAsync()
    {
        if (_start == _end) _start = _end = 0;
        if (lane is not null)
        {
            // an engine may be silent for long: nothing is held for what it will say
            if (_end == 0) GiveBack();
            return lane.ReceiveAsync(Memory<byte>.Empty);
        }

        var free = (_room ??= LaneRooms.Rent(Room)).AsMemory(_end);
        return encrypted is null ? socket!.ReceiveAsync(free, SocketFlags.None) : encrypted.ReadAsync(free);
    }

    /// <param name="count">What <see cref="ReceiveAsync"/> returned; −1 if the connection broke.</param>
    public void Arrived(int count)
    {
        if (lane is not null && count >= 0 && !TakesFrom(lane, out count)) return;
        if (count > 0) _end += count;
        else if (count == 0 && _head is { Framing: BodyFraming.UntilClosed }) _complete = true;
        else _died = true;
    }

    /// <summary>Gives the memory back in which the request and the answer were. For whoever had the connection for them, before anybody else may have it.</summary>
    public void GiveBack()
    {
        if (_room is null) return;
        LaneRooms.Return(_room);
        _room = null;
    }

    /// <summary>What is thrown where a connection breaks, or is closed by whoever ends a request.</summary>
    public static bool IsBreak(Exception thrown) => thrown is SocketException or IOException or ObjectDisposedException;

    /// <summary>Ends whatever goes on; the engine sees its client leave.</summary>
    public void Dispose()
    {
        lane?.Dispose();
        socket?.Dispose();
        encrypted?.Dispose();
    }

    /// <param name="count">Bytes received; 0 at the end, −1 if the connection broke.</param>
    /// <returns>False where nothing is there after all.</returns>
    private bool TakesFrom(LaneSocket from, out int count)
    {
        try
        {
            count = from.Receive((_room ??= LaneRooms.Rent(Room)).AsSpan(_end));
            return count >= 0;
        }
        catch (Exception broken) when (IsBreak(broken))
        {
            count = -1;
            return true;
        }
    }

    private Memory<byte> Decode()
    {
        var arrived = _room.AsMemory(_start, _end - _start);
        _start = _end = 0;
        switch (_head!.Framing)
        {
            case BodyFraming.Chunked:
                var length = _chunks.Decode(arrived.Span, out var read);
                _complete = _chunks.IsDone;
                _hasMore = read < arrived.Length;
                return arrived[..length];
            case BodyFraming.Length:
                var taken = arrived[..(int)Math.Min(_left, arrived.Length)];
                _left -= taken.Length;
                _hasMore = taken.Length < arrived.Length;
                _complete = _left == 0;
                return taken;
            default:
                return arrived;
        }
    }

    private static int WriteHead(byte[] room, Backend backend, InferenceRoute route, string requestId, int length, string contentType, string? betas)
    {
        var at = 0;
        Put("POST "u8);
        if (backend.Cloud is { } cloud)
        {
            // it is told nothing of who asks
            at += Encoding.ASCII.GetBytes(cloud.PathOf(route), room.AsSpan(at));
            Put(" HTTP/1.1\r\nhost: "u8);
            at += Encoding.ASCII.GetBytes(cloud.Address.Authority, room.AsSpan(at));
            Put("\r\nuser-agent: helix"u8);
        }
        else
        {
            at += Encoding.ASCII.GetBytes(route.Path, room.AsSpan(at));
            Put(" HTTP/1.1\r\nhost: "u8);
            // where an engine answers with the address of a picture, it makes one of this
            at += Encoding.ASCII.GetBytes(backend.IsAttached && route.Kind == RouteKind.Media ? backend.Endpoint : "localhost", room.AsSpan(at));
            Put("\r\nx-request-id: "u8);
            at += Encoding.ASCII.GetBytes(requestId, room.AsSpan(at));
        }

        Put("\r\ncontent-type: "u8);
        at += Encoding.ASCII.GetBytes(contentType, room.AsSpan(at));
        if ((backend.Cloud?.Key.Reveal() ?? backend.Key) is { } key)
        {
            Put(backend.Cloud is { Words: CloudWords.Anthropic } ? "\r\nanthropic-version: 2023-06-01\r\nx-api-key: "u8 : "\r\nauthorization: Bearer "u8);
            at += Encoding.ASCII.GetBytes(key, room.AsSpan(at));
        }

        if (betas is not null)
        {
            Put("\r\nanthropic-beta: "u8);
            at += Encoding.ASCII.GetBytes(betas, room.AsSpan(at));
        }

        Put("\r\ncontent-length: "u8);
        Utf8Formatter.TryFormat(length, room.AsSpan(at), out var digits);
        at += digits;
        Put("\r\n\r\n"u8);
        return at;

        void Put(ReadOnlySpan<byte> text)
        {
            text.CopyTo(room.AsSpan(at));
            at += text.Length;
        }
    }

    private ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        return lane is not null ? lane.SendAsync(bytes) : encrypted is not null ? encrypted.WriteAsync(bytes) : OverSocketAsync(bytes);

        async ValueTask OverSocketAsync(ReadOnlyMemory<byte> left)
        {
            while (!left.IsEmpty) left = left[await socket!.SendAsync(left, SocketFlags.None)..];
        }
    }
}
