using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Helix.Core.Gateway;

namespace Helix.Gateway.Lane;

/// <summary>
/// One client's connection: its plain requests are served here, one after the other. The first that is anything else goes to somebody who knows all of HTTP, and the
/// connection with it. Lives on its loop's thread.
/// </summary>
internal sealed class LaneConnection
{
    /// <summary>Bytes of bodies that have not come to their end, on all connections of a loop: who comes beyond is left to somebody who takes them in more slowly.</summary>
    public const long MostUnfinished = 64L << 20;

    /// <summary>More than the longest head, and a prompt of some length with it, in bytes.</summary>
    private const int Room = 32 << 10;

    /// <summary>Of a body of which nothing has come yet.</summary>
    private const int BodyRoom = 16 << 10;

    /// <summary>Whoever has not sent a request to its end by then is left to somebody with more patience, who watches how slowly it comes.</summary>
    private const int MostSecondsUnfinished = 5;

    private const int MostSecondsIdle = 120;

    private readonly LaneSocket _socket;
    private readonly Func<HttpContext, ValueTask> _serve;
    private readonly Action<LaneConnection> _handOver;
    private readonly LaneContext _context;

    /// <summary>The head that was read last.</summary>
    private LaneHead _last;

    /// <summary>What has come; null while nothing is there.</summary>
    private byte[]? _input;
    private int _start;
    private int _end;

    /// <summary>Of the request whose head was read; null where none was.</summary>
    private byte[]? _body;
    private int _bodyEnd;
    private int _bodyLength;

    /// <summary>Of its loop's <see cref="LaneLoop.Unfinished"/>.</summary>
    private int _unfinished;

    private Awaited _awaited;
    private int _seconds;
    private bool _isServing;
    private volatile bool _leaves;

    /// <param name="serve">Answers a request. What it throws ends the connection.</param>
    /// <param name="closes">No further request is taken on any connection.</param>
    /// <param name="handOver">Takes the connection over, with <see cref="Socket"/> and <see cref="Unread"/>; called once at most, on the loop's thread.</param>
    public LaneConnection(LaneSocket socket, Func<HttpContext, ValueTask> serve, Func<bool> closes, Action<LaneConnection> handOver, TimeProvider time)
    {
        (_socket, _serve, _handOver) = (socket, serve, handOver);
        _context = new(new(socket.Local, socket.Remote), socket.SendAsync, socket.Dispose, socket.Loop.Post, () => _leaves || closes(), time);
    }

    private enum Awaited
    {
        /// <summary>Nothing of the client.</summary>
        Nothing,

        /// <summary>The first byte of a request.</summary>
        Request,

        /// <summary>The rest of one.</summary>
        Rest,
    }

    /// <summary>Of a connection that was handed over: nobody waits for it, and all that was sent has left. Null before.</summary>
    public Socket? Socket { get; private set; }

    /// <summary>Of a connection that was handed over: what has come of the requests that were not answered here.</summary>
    public ReadOnlyMemory<byte> Unread { get; private set; }

    /// <summary>To be called on the loop's thread. Ends when the connection was closed or handed over; what <c>serve</c> throws comes out here, once it was closed.</summary>
    [AsyncMethodBuilder(typeof(ReusedTaskBuilder))]
    public async ValueTask RunAsync()
    {
        _socket.HungUp = NoteHungUp;
        try
        {
            while (true)
            {
                var verdict = ReadHead();
                if (verdict == LaneVerdict.Odd)
                {
                    await HandOverAsync();
                    return;
                }

                if (verdict == LaneVerdict.More)
                {
                    if (_start == _end)
                    {
                        GiveBack(ref _input);
                        if (_leaves) break;
                        Await(Awaited.Request);
                        var ready = await _socket.ReceiveAsync(Memory<byte>.Empty);
                        _awaited = Awaited.Nothing;
                        if (ready < 0 || ReceiveFirst() == 0) break;
                        continue;
                    }

                    MoveToFront();
                    if (_awaited != Awaited.Rest) Await(Awaited.Rest);
                    var more = await _socket.ReceiveAsync(_input.AsMemory(_end));
                    if (more <= 0)
                    {
                        await HandOverAsync();
                        return;
                    }

                    _end += more;
                    continue;
                }

                while (_bodyEnd < _bodyLength)
                {
                    if (_awaited != Awaited.Rest) Await(Awaited.Rest);
                    var more = MakesRoom() ? await _socket.ReceiveAsync(_body.AsMemory(_bodyEnd, Math.Min(_body!.Length, _bodyLength) - _bodyEnd)) : 0;
                    if (more <= 0)
                    {
                        await HandOverAsync();
                        return;
                    }

                    _bodyEnd += more;
                }

                CountUnfinished(0);
                // an answer may take long, and needs no room for the next request
                if (_start == _end) GiveBack(ref _input);
                (_awaited, _isServing) = (Awaited.Nothing, true);
                _context.Bring(_body!, _bodyLength);
                _body = null;
                Exception? thrown = null;
                try
                {
                    var serving = _serve(_context);
                    // whoever had left when it began is told as one who leaves then
                    if (!serving.IsCompleted && _socket.HasHungUp) _context.Lose();
                    await serving;
                }
                catch (Exception error) when (_context.Leaving is not null)
                {
                    thrown = error;
                }

                if (_context.Leaving is { } leaving) await leaving(_context, thrown);
                var goesOn = await _context.EndAsync();
                if (_context.Answer.HasEnders) await _context.Answer.RunEndersAsync();
                await new LaneTurn(_socket.Loop);
                _isServing = false;
                _context.Reset();
                if (_context.IsGone) return;
                if (!goesOn || _leaves) break;
            }

            // what is closed is forgotten: all that was answered leaves first
            await _socket.DrainAsync();
        }
        catch (Exception broken) when (!_isServing && broken is (SocketException or ObjectDisposedException))
        {
            // the client has gone, or the connection was closed here
        }
        finally
        {
            GiveBack(ref _input);
            GiveBack(ref _body);
            CountUnfinished(0);
            if (_isServing) _context.Reset();
            _socket.Dispose();
        }
    }

    /// <summary>To be called on the loop's thread, about once a second: whoever takes too long is handed over, whoever says nothing for two minutes is closed.</summary>
    public void EachSecond()
    {
        if (_awaited == Awaited.Nothing) return;
        if (++_seconds >= (_awaited == Awaited.Rest ? MostSecondsUnfinished : MostSecondsIdle)) _socket.StopReceiving();
    }

    /// <summary>To be called on the loop's thread. Closes the connection: at once where nothing is asked, else after the answer.</summary>
    public void Leave()
    {
        _leaves = true;
        if (_awaited == Awaited.Request) _socket.StopReceiving();
    }

    /// <summary>To be called on the loop's thread. Closes the connection at once, in the middle of an answer, too.</summary>
    public void Abort()
    {
        if (_isServing) _context.Abort();
        else _socket.Dispose();
    }

    private static void GiveBack(ref byte[]? rented)
    {
        if (rented is null) return;
        LaneRooms.Return(rented);
        rented = null;
    }

    private void Await(Awaited awaited) => (_awaited, _seconds) = (awaited, 0);

    private void NoteHungUp()
    {
        if (_isServing) _context.Lose();
    }

    /// <summary>Looks whether a head is there, and takes it, with what is there of its body.</summary>
    private LaneVerdict ReadHead()
    {
        if (_start == _end) return LaneVerdict.More;
        ReadOnlySpan<byte> bytes = _input.AsSpan(_start.._end);
        var repeats = _last.Repeats(_context.Head.Span, bytes);
        if (!repeats)
        {
            var verdict = LaneHead.Read(bytes, out var head);
            if (verdict != LaneVerdict.Simple) return verdict;
            _last = head;
        }

        _context.Begin(in _last, bytes, repeats);
        _start += _last.Length;
        _bodyLength = _last.BodyLength;
        _bodyEnd = Math.Min(_end - _start, _bodyLength);
        _body = LaneRooms.Rent(Math.Max(_bodyEnd, Math.Min(_bodyLength, BodyRoom)));
        _input.AsSpan(_start, _bodyEnd).CopyTo(_body);
        _start += _bodyEnd;
        return LaneVerdict.Simple;
    }

    /// <returns>Bytes received; 0 at the end; -1 where nothing was there.</returns>
    private int ReceiveFirst()
    {
        _input = LaneRooms.Rent(Room);
        var count = _socket.Receive(_input);
        (_start, _end) = (0, Math.Max(0, count));
        return count;
    }

    /// <summary>For a head that began behind another request there is room in front of it.</summary>
    private void MoveToFront()
    {
        if (_start == 0) return;
        _input.AsSpan(_start.._end).CopyTo(_input);
        (_start, _end) = (0, _end - _start);
    }

    /// <summary>For all that is announced, once an eighth of it has come; for four times as much before: memory grows with what arrives.</summary>
    /// <returns>False where too much is held for others already.</returns>
    private bool MakesRoom()
    {
        var body = _body!;
        if (_bodyEnd < body.Length) return true;
        var length = _bodyLength <= _bodyEnd * 8L ? _bodyLength : _bodyEnd * 4;
        if (_socket.Loop.Unfinished - _unfinished + length > MostUnfinished) return false;
        CountUnfinished(length);
        var larger = LaneRooms.Rent(length);
        body.AsSpan(0, _bodyEnd).CopyTo(larger);
        LaneRooms.Return(body);
        _body = larger;
        return true;
    }

    private void CountUnfinished(int bytes)
    {
        // whoever is being answered, maybe elsewhere, has none
        if (bytes == _unfinished) return;
        _socket.Loop.Unfinished += bytes - _unfinished;
        _unfinished = bytes;
    }

    private async Task HandOverAsync()
    {
        _awaited = Awaited.Nothing;
        await _socket.DrainAsync();
        await new LaneTurn(_socket.Loop);
        Unread = _body is { } body ? (byte[])[.. _context.Head.Span, .. body.AsSpan(0, _bodyEnd)] : _input.AsSpan(_start.._end).ToArray();
        Socket = _socket.Release();
        _handOver(this);
    }
}
