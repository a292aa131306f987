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
/// <param name="encrypted">Over the socket; null where bytes go as they are.</param>
internal sealed class UpstreamConnection(Socket? socket, string endpoint, Stream? encrypted = null, LaneSocket? lane = null) : IDisposable
{
    private readonly byte[] _buffer = new byte[32 << 10];
    private int _start;
    private int _end;
    private UpstreamHead? _head;
    private long _left;
    private ChunkedBody _chunks;
    private bool _complete;
    private bool _died;

    /// <summary>The other side said something behind the end of its answer.</summary>
    private bool _hasMore;

    public string Endpoint => endpoint;

    /// <summary>Served a request before, so that the engine may have closed it meanwhile.</summary>
    public bool IsReused { get; private set; }

    /// <summary>Whether another request can be sent after this one.</summary>
    public bool CanBeReused => _complete && !_hasMore && _head is { KeepAlive: true };

    /// <summary>Whether the other side has closed it, or said something unasked.</summary>
    public bool IsStale()
    {
        if (lane is not null) return lane.HasHungUp;
        try
        {
            return socket!.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>A timestamp.</summary>
    public long IdleSince { get; private set; }

    public void MarkReused(long now) => (IsReused, IdleSince) = (true, now);

    /// <summary>Sends a POST whose body is <paramref name="body"/> with <paramref name="splice"/> done to it.</summary>
    /// <param name="contentType">Of the body.</param>
    /// <param name="betas">Of the header <c>anthropic-beta</c>; null for none.</param>
    /// <returns>Also where the connection broke: an answer may still be there to be read.</returns>
    public ValueTask SendAsync(Backend backend, InferenceRoute route, string requestId, ReadOnlyMemory<byte> body, ModelSplice splice, string contentType, string? betas = null)
    {
        (_start, _end, _head, _chunks, _complete, _died, _hasMore) = (0, 0, null, default, false, false, false);
        var length = splice.LengthFor(body.Length);
        var head = WriteHead(backend, route, requestId, length, contentType, betas);
        if (head + length > _buffer.Length) return AllAsync([_buffer.AsMemory(0, head), body[..splice.Start], splice.Insert, body[splice.Resume..]]);
        var rest = _buffer.AsSpan(head);
        body.Span[..splice.Start].CopyTo(rest);
        splice.Insert.Span.CopyTo(rest[splice.Start..]);
        body.Span[splice.Resume..].CopyTo(rest[(splice.Start + splice.Insert.Length)..]);
        return AllAsync([_buffer.AsMemory(0, head + length)]);
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

    /// <returns>Null if the connection broke, or what came is not HTTP.</returns>
    public async ValueTask<UpstreamHead?> ReadHeadAsync()
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
            if (length < 0)
            {
                if (_end == _buffer.Length) return null;
                int count;
                try
                {
                    count = await ReceiveAsync(_end);
                }
                catch (Exception broken) when (IsBreak(broken))
                {
                    return null;
                }

                if (count <= 0) return null;
                _end += count;
                continue;
            }

            var head = UpstreamHead.Parse(_buffer.AsSpan(_start, length));
            _start += length + 4;
            if (head is { Status: < 200 }) continue;
            (_head, _left) = (head, head?.Length ?? 0);
            _complete = head is { Framing: BodyFraming.Length, Length: 0 };
            _hasMore = _complete && _start < _end;
            return head;
        }
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

    /// <summary>Waits for more of the body, which has <see cref="Arrived"/> then. Whoever reads many pieces awaits the socket itself: each layer between costs as much as what is done with a piece.</summary>
    /// <returns>Bytes received; 0 at the end.</returns>
    /// <exception cref="Exception">For which <see cref="IsBreak"/> holds: the connection broke.</exception>
    public ValueTask<int> ReceiveAsync() => ReceiveAsync(0);

    /// <param name="count">Bytes received; 0 at the end, −1 if the connection broke.</param>
    public void Arrived(int count)
    {
        _died = count < 0 || (count == 0 && _head!.Framing != BodyFraming.UntilClosed);
        if (!_died) (_start, _end, _complete) = (0, count, count == 0);
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

    private Memory<byte> Decode()
    {
        var arrived = _buffer.AsMemory(_start, _end - _start);
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

    private int WriteHead(Backend backend, InferenceRoute route, string requestId, int length, string contentType, string? betas)
    {
        var at = 0;
        Put("POST "u8);
        if (backend.Cloud is { } cloud)
        {
            // it is told nothing of who asks
            at += Encoding.ASCII.GetBytes(cloud.PathOf(route), _buffer.AsSpan(at));
            Put(" HTTP/1.1\r\nhost: "u8);
            at += Encoding.ASCII.GetBytes(cloud.Address.Authority, _buffer.AsSpan(at));
            Put("\r\nuser-agent: helix"u8);
        }
        else
        {
            at += Encoding.ASCII.GetBytes(route.Path, _buffer.AsSpan(at));
            Put(" HTTP/1.1\r\nhost: "u8);
            // where an engine answers with the address of a picture, it makes one of this
            at += Encoding.ASCII.GetBytes(backend.IsAttached && route.Kind == RouteKind.Media ? backend.Endpoint : "localhost", _buffer.AsSpan(at));
            Put("\r\nx-request-id: "u8);
            at += Encoding.ASCII.GetBytes(requestId, _buffer.AsSpan(at));
        }

        Put("\r\ncontent-type: "u8);
        at += Encoding.ASCII.GetBytes(contentType, _buffer.AsSpan(at));
        if ((backend.Cloud?.Key.Reveal() ?? backend.Key) is { } key)
        {
            Put(backend.Cloud is { Words: CloudWords.Anthropic } ? "\r\nanthropic-version: 2023-06-01\r\nx-api-key: "u8 : "\r\nauthorization: Bearer "u8);
            at += Encoding.ASCII.GetBytes(key, _buffer.AsSpan(at));
        }

        if (betas is not null)
        {
            Put("\r\nanthropic-beta: "u8);
            at += Encoding.ASCII.GetBytes(betas, _buffer.AsSpan(at));
        }

        Put("\r\ncontent-length: "u8);
        Utf8Formatter.TryFormat(length, _buffer.AsSpan(at), out var digits);
        at += digits;
        Put("\r\n\r\n"u8);
        return at;

        void Put(ReadOnlySpan<byte> text)
        {
            text.CopyTo(_buffer.AsSpan(at));
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

    private ValueTask<int> ReceiveAsync(int at) =>
        lane is not null ? lane.ReceiveAsync(_buffer.AsMemory(at)) : encrypted is null ? socket!.ReceiveAsync(_buffer.AsMemory(at), SocketFlags.None) : encrypted.ReadAsync(_buffer.AsMemory(at));
}
