using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Helix.Gateway.Lane;

/// <summary>
/// A connected stream socket of a <see cref="LaneLoop"/>. Receives are for one caller at a time, and so are sends. All that waits to leave is the loop's: nothing is locked for it, and who
/// sends from elsewhere while something waits gives his bytes to the loop.
/// </summary>
internal sealed class LaneSocket : IValueTaskSource<int>, IDisposable
{
    private const uint Listens = NativeEpoll.In | NativeEpoll.PeerClosed | NativeEpoll.OnChange;

    /// <summary>Bytes that are copied, to leave later.</summary>
    private const int Room = 16 << 10;

    /// <summary>After so many receives that did not have to wait, all others of the loop have their turn: who sends without end keeps nobody out.</summary>
    private const int MostInARow = 8;

    private const int Nothing = 0, Ready = 1, Waiting = 2;

    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;

    /// <summary>The same, for the loop's thread, where alone it is closed.</summary>
    private readonly int _descriptor;
    private readonly LaneDrain _drain = new();
    private GCHandle _mark;
    private ManualResetValueTaskSourceCore<int> _received;
    private Memory<byte> _into;

    /// <summary>Whether something can be received, or somebody waits for it.</summary>
    private int _reading;
    private int _inARow;
    private volatile bool _hasHungUp;
    private bool _toldHungUp;
    private int _isDisposed;

    /// <summary>What waits to leave; null where nothing does, so that another thread may send.</summary>
    private byte[]? _out;
    private int _outStart, _outEnd;

    /// <summary>What is to leave behind it, of whoever waits for that.</summary>
    private ReadOnlyMemory<byte> _rest;
    private bool _isLate, _isStuck;

    /// <summary>On its way from another thread to the loop.</summary>
    private ReadOnlyMemory<byte> _given;
    private SocketException? _fault;

    /// <param name="socket">Connected; it must never have been waited for otherwise. This one owns it from here on, and has closed it where this throws.</param>
    /// <exception cref="SocketException">The connection is broken, or the system can watch no more.</exception>
    public LaneSocket(LaneLoop loop, Socket socket)
    {
        (Loop, _socket, _handle) = (loop, socket, socket.SafeHandle);
        _descriptor = (int)_handle.DangerousGetHandle();
        try
        {
            socket.Blocking = false;
            (Local, Remote) = (socket.LocalEndPoint as IPEndPoint, socket.RemoteEndPoint as IPEndPoint);
            _mark = GCHandle.Alloc(this);
            loop.Watch(_handle, Listens, _mark);
        }
        catch (Exception failed) when (failed is Win32Exception or ObjectDisposedException)
        {
            // the mark holds this object for ever
            if (_mark.IsAllocated) _mark.Free();
            socket.Dispose();
            if (failed is SocketException) throw;
            throw new SocketException((int)SocketError.SocketError);
        }
    }

    public LaneLoop Loop { get; }

    /// <summary>Null for a unix socket, and so is the other side's.</summary>
    public IPEndPoint? Local { get; }

    public IPEndPoint? Remote { get; }

    /// <summary>On the loop's thread: the other side will say nothing more, or the connection is broken. Called at most once, and not while a receive waits, which ends then.</summary>
    public Action? HungUp { get; set; }

    public bool HasHungUp => _hasHungUp;

    /// <summary>Nothing was heard of the other side since all was received; else something may be there.</summary>
    public bool IsQuiet => Volatile.Read(ref _reading) != Ready;

    /// <summary>Continues on the loop's thread if it has to wait.</summary>
    /// <returns>Bytes received; 0 at the end. Into no room: 0 as soon as there is something to receive, or the end. -1 where <see cref="StopReceiving"/> ended it.</returns>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> into)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            if (Volatile.Read(ref _reading) == Ready)
            {
                if (++_inARow > MostInARow && Loop.IsHere) return AfterOthersAsync(into);
                if (into.IsEmpty) return new(0);
                if (Receive(into.Span) is >= 0 and var count) return new(count);
                continue;
            }

            (_into, _inARow) = (into, 0);
            _received.Reset();
            // nobody but the loop's thread tells of more, or closes it
            if (Loop.IsHere) _reading = Waiting;
            else if (!WaitsElsewhere()) continue;
            return new(this, _received.Version);
        }
    }

    /// <summary>Without waiting.</summary>
    /// <returns>Bytes received; 0 at the end; -1 where nothing is there.</returns>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public int Receive(Span<byte> into)
    {
        var isHere = Loop.IsHere;
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        // what comes from here on is told anew
        if (isHere) _reading = Nothing;
        else Interlocked.Exchange(ref _reading, Nothing);
        var count = isHere ? NativeEpoll.Receive(_descriptor, into) : NativeEpoll.Receive(_handle, into);
        if (count == -NativeEpoll.WouldBlock) return -1;
        if (count < 0) throw Broken(-count);
        // of what was there before nobody is told again
        if (count == into.Length || count == 0 || _hasHungUp) Interlocked.CompareExchange(ref _reading, Ready, Nothing);
        return count;
    }

    /// <summary>Ends a receive that waits; nothing else. On the loop's thread only.</summary>
    public void StopReceiving()
    {
        if (Interlocked.CompareExchange(ref _reading, Nothing, Waiting) == Waiting) _received.SetResult(-1);
    }

    /// <summary>
    /// Small pieces are copied, and leave with all others once the loop has looked at what is ready; what is large, or comes from another thread, leaves at once, or behind what waits to leave.
    /// From any thread; <paramref name="bytes"/> stay as they are until it is done.
    /// </summary>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        ThrowIfEnded();
        if (bytes.IsEmpty) return ValueTask.CompletedTask;
        if (!Loop.IsHere) return SendElsewhereAsync(bytes);
        if (bytes.Length <= Room - _outEnd)
        {
            Keep(bytes.Span);
            LeaveLater();
            return ValueTask.CompletedTask;
        }

        bytes = bytes[LeaveWith(bytes.Span)..];
        if (_fault is { } fault) throw fault;
        if (bytes.IsEmpty) return ValueTask.CompletedTask;
        if (bytes.Length > Room - _outEnd) return LeftAsync(bytes);
        Keep(bytes.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits until all that was sent has left. From any thread.</summary>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public ValueTask DrainAsync()
    {
        ThrowIfEnded();
        if (!Loop.IsHere) return Volatile.Read(ref _out) is null ? ValueTask.CompletedTask : GivenAsync(default);
        Leave();
        if (_fault is { } fault) throw fault;
        return _outEnd == 0 ? ValueTask.CompletedTask : LeftAsync(default);
    }

    /// <summary>What was left for later leaves now. On the loop's thread only.</summary>
    public void Flush()
    {
        _isLate = false;
        Leave();
    }

    /// <summary>Takes the socket out of the loop, for somebody else; no receive waits, and all that was sent has left. On the loop's thread only; this one is of no use then.</summary>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public Socket Release()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Exchange(ref _isDisposed, 1) != 0, this);
        Loop.Unwatch(_handle);
        Forget();
        Loop.Free(_mark);
        return _socket;
    }

    /// <summary>What waits to leave leaves first, as much as there is room for. Who waits for the socket is told on the loop's thread. From any thread.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) Loop.Post(static self => ((LaneSocket)self!).Close(), this);
    }

    internal void Happened(uint events)
    {
        if (_isDisposed != 0) return;
        // what is broken is told to whoever waits to send, too
        if ((events & (NativeEpoll.Out | NativeEpoll.HangUp | NativeEpoll.Error)) != 0) Drained();
        if ((events & ~NativeEpoll.Out) == 0) return;
        if ((events & (NativeEpoll.PeerClosed | NativeEpoll.HangUp | NativeEpoll.Error)) != 0) _hasHungUp = true;
        if (Interlocked.Exchange(ref _reading, Ready) == Waiting) GoOn();
        else if (_hasHungUp && !_toldHungUp)
        {
            _toldHungUp = true;
            HungUp?.Invoke();
        }
    }

    public int GetResult(short token) => _received.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _received.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _received.OnCompleted(continuation, state, token, flags);

    private static SocketException Broken(int error) => new((int)(error is NativeEpoll.BrokenPipe or NativeEpoll.Reset ? SocketError.ConnectionReset : SocketError.SocketError));

    /// <summary>On another thread than the loop's.</summary>
    /// <returns>False where something can be received, or it was closed.</returns>
    private bool WaitsElsewhere()
    {
        if (Interlocked.CompareExchange(ref _reading, Waiting, Nothing) != Nothing) return false;
        // who closes it looks for somebody who waits afterwards, and this one waited before or finds it closed now
        return Volatile.Read(ref _isDisposed) == 0 || Interlocked.CompareExchange(ref _reading, Nothing, Waiting) != Waiting;
    }

    /// <summary>On the loop's thread, where something can be received: once all others have had their turn.</summary>
    private ValueTask<int> AfterOthersAsync(Memory<byte> into)
    {
        (_inARow, _into) = (0, into);
        _received.Reset();
        _reading = Waiting;
        Loop.Post(static self => ((LaneSocket)self!).Happened(NativeEpoll.In), this);
        return new(this, _received.Version);
    }

    /// <summary>Receives for whoever waits.</summary>
    private void GoOn()
    {
        var into = _into;
        var count = 0;
        try
        {
            if (!into.IsEmpty) count = Receive(into.Span);
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            _received.SetException(broken);
            return;
        }

        // where it was nothing after all, he still waits
        if (count < 0) _reading = Waiting;
        else _received.SetResult(count);
    }

    /// <summary>On another thread than the loop's.</summary>
    private ValueTask SendElsewhereAsync(ReadOnlyMemory<byte> bytes)
    {
        if (Volatile.Read(ref _out) is not null) return GivenAsync(bytes);
        var sent = NativeEpoll.Send(_handle, bytes.Span);
        if (sent < 0 && sent != -NativeEpoll.WouldBlock) throw _fault = Broken(-sent);
        bytes = bytes[Math.Max(0, sent)..];
        return bytes.IsEmpty ? ValueTask.CompletedTask : GivenAsync(bytes);
    }

    /// <summary>The loop sends it behind what waits to leave.</summary>
    private ValueTask GivenAsync(ReadOnlyMemory<byte> bytes)
    {
        _given = bytes;
        var leaving = _drain.Begin();
        Loop.Post(static self => ((LaneSocket)self!).TakeGiven(), this);
        return leaving;
    }

    private void TakeGiven()
    {
        var bytes = _given;
        _given = default;
        if (_isDisposed != 0)
        {
            _drain.End(new ObjectDisposedException(nameof(LaneSocket)));
            return;
        }

        bytes = bytes[LeaveWith(bytes.Span)..];
        if (_isStuck) (_rest, _drain.IsAwaited) = (bytes, true);
        else _drain.End(_fault);
    }

    /// <summary>On the loop's thread, where there is no room for it at this moment.</summary>
    private ValueTask LeftAsync(ReadOnlyMemory<byte> rest)
    {
        (_rest, _drain.IsAwaited) = (rest, true);
        return _drain.Begin();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _out ??= Loop.Rooms.Take(Room);
        bytes.CopyTo(_out.AsSpan(_outEnd));
        _outEnd += bytes.Length;
    }

    private void LeaveLater()
    {
        if (_isLate) return;
        _isLate = true;
        Loop.Later(this);
    }

    /// <summary>Sends what was copied, as much as there is room for.</summary>
    private void Leave()
    {
        if (_outEnd > 0) LeaveWith([]);
    }

    /// <summary>The same, and <paramref name="bytes"/> behind it.</summary>
    /// <returns>How much of those has left.</returns>
    private int LeaveWith(ReadOnlySpan<byte> bytes)
    {
        var kept = _outEnd - _outStart;
        var sent = Send(_out.AsSpan(_outStart, kept), bytes);
        _outStart += Math.Min(sent, kept);
        if (_outStart == _outEnd || _fault is not null) Forget();
        return Math.Max(0, sent - kept);
    }

    private void Forget()
    {
        (_outStart, _outEnd) = (0, 0);
        if (_out is not { } room) return;
        // from here on another thread may send
        Volatile.Write(ref _out, null);
        Loop.Rooms.Put(room);
    }

    /// <returns>How much of both has left; the loop tells when there is room for the rest.</returns>
    private int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var sent = 0;
        while (sent < first.Length + second.Length && !_isStuck && _fault is null)
        {
            var count = sent >= first.Length ? NativeEpoll.Send(_descriptor, second[(sent - first.Length)..])
                : second.IsEmpty ? NativeEpoll.Send(_descriptor, first[sent..])
                : NativeEpoll.Send(_descriptor, first[sent..], second);
            if (count >= 0) sent += count;
            else if (count != -NativeEpoll.WouldBlock) _fault = Broken(-count);
            else
            {
                _isStuck = true;
                Loop.WatchFor(_handle, Listens | NativeEpoll.Out, _mark);
            }
        }

        return sent;
    }

    /// <summary>There is room again.</summary>
    private void Drained()
    {
        if (!_isStuck) return;
        _isStuck = false;
        _rest = _rest[LeaveWith(_rest.Span)..];
        if (_isStuck) return;
        Loop.WatchFor(_handle, Listens, _mark);
        _rest = default;
        if (_drain.IsAwaited) _drain.End(_fault);
    }

    private void Close()
    {
        Leave();
        Forget();
        _rest = default;
        // not by closing alone: a process that is being started holds every descriptor for a moment
        Loop.Unwatch(_handle);
        _socket.Dispose();
        Loop.Free(_mark);
        var gone = new ObjectDisposedException(nameof(LaneSocket));
        if (Interlocked.CompareExchange(ref _reading, Nothing, Waiting) == Waiting) _received.SetException(gone);
        if (_drain.IsAwaited) _drain.End(gone);
    }

    private void ThrowIfEnded()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (_fault is { } fault) throw fault;
    }
}
