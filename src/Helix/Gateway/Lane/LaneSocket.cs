using System.Buffers;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Helix.Gateway.Lane;

/// <summary>A connected stream socket of a <see cref="LaneLoop"/>. Receives are for one caller at a time, and so are sends.</summary>
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
    private readonly Lock _sending = new();
    private readonly Drain _drain = new();
    private GCHandle _mark;
    private ManualResetValueTaskSourceCore<int> _received;
    private Memory<byte> _into;

    /// <summary>Whether something can be received, or somebody waits for it.</summary>
    private int _reading;
    private int _inARow;
    private volatile bool _hasHungUp;
    private bool _toldHungUp;
    private int _isDisposed;

    private byte[]? _out;
    private int _outStart;
    private int _outEnd;
    private ReadOnlyMemory<byte> _rest;
    private bool _isLate;
    private bool _isStuck;
    private SocketException? _fault;

    /// <param name="socket">Connected; it must never have been waited for otherwise. This one owns it from here on, and has closed it where this throws.</param>
    /// <exception cref="SocketException">The connection is broken, or the system can watch no more.</exception>
    public LaneSocket(LaneLoop loop, Socket socket)
    {
        (Loop, _socket, _handle) = (loop, socket, socket.SafeHandle);
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

    /// <summary>Null for a unix socket.</summary>
    public IPEndPoint? Local { get; }

    /// <summary>Null for a unix socket.</summary>
    public IPEndPoint? Remote { get; }

    /// <summary>On the loop's thread: the other side will say nothing more, or the connection is broken. Called at most once, and not while a receive waits, which ends then.</summary>
    public Action? HungUp { get; set; }

    public bool HasHungUp => _hasHungUp;

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

            _into = into;
            _received.Reset();
            if (Interlocked.CompareExchange(ref _reading, Waiting, Nothing) != Nothing) continue;
            // who closes it looks for somebody who waits afterwards, and this one waited before or finds it closed now
            if (Volatile.Read(ref _isDisposed) != 0 && Interlocked.CompareExchange(ref _reading, Nothing, Waiting) == Waiting) continue;
            _inARow = 0;
            return new(this, _received.Version);
        }
    }

    /// <summary>Without waiting.</summary>
    /// <returns>Bytes received; 0 at the end; -1 where nothing is there.</returns>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public int Receive(Span<byte> into)
    {
        // what comes from here on is told anew
        Interlocked.Exchange(ref _reading, Nothing);
        var count = NativeEpoll.Receive(_handle, into);
        if (count < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == NativeEpoll.WouldBlock) return -1;
            throw Broken(error);
        }

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
    /// Small pieces are copied, and leave with all others once the loop has looked at what is ready; what is large, or comes from another thread, leaves at once. From any thread;
    /// <paramref name="bytes"/> stay as they are until it is done.
    /// </summary>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        lock (_sending)
        {
            ThrowIfEnded();
            if (bytes.IsEmpty) return ValueTask.CompletedTask;
            var isLater = Loop.IsHere && bytes.Length <= Room - _outEnd;
            if (!isLater)
            {
                bytes = bytes[LeaveWith(bytes.Span)..];
                if (_fault is { } fault) throw fault;
                if (bytes.IsEmpty) return ValueTask.CompletedTask;
            }

            if (bytes.Length <= Room - _outEnd)
            {
                _out ??= ArrayPool<byte>.Shared.Rent(Room);
                bytes.Span.CopyTo(_out.AsSpan(_outEnd));
                _outEnd += bytes.Length;
                if (isLater) LeaveLater();
                return ValueTask.CompletedTask;
            }

            _rest = bytes;
            return _drain.Begin();
        }
    }

    /// <summary>Waits until all that was sent has left. From any thread.</summary>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public ValueTask DrainAsync()
    {
        lock (_sending)
        {
            ThrowIfEnded();
            Leave();
            if (_fault is { } fault) throw fault;
            return _outEnd == 0 ? ValueTask.CompletedTask : _drain.Begin();
        }
    }

    /// <summary>What was left for later leaves now.</summary>
    public void Flush()
    {
        lock (_sending)
        {
            _isLate = false;
            if (_isDisposed == 0) Leave();
        }
    }

    /// <summary>Takes the socket out of the loop, for somebody else; no receive waits, and all that was sent has left. On the loop's thread only; this one is of no use then.</summary>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public Socket Release()
    {
        lock (_sending)
        {
            ObjectDisposedException.ThrowIf(Interlocked.Exchange(ref _isDisposed, 1) != 0, this);
            Loop.Unwatch(_handle);
            Forget();
        }

        Loop.Free(_mark);
        return _socket;
    }

    /// <summary>Who waits for it is told on the loop's thread. From any thread.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        lock (_sending) Leave();
        Loop.Post(static self => ((LaneSocket)self!).Close(), this);
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

    /// <summary>On the loop's thread, where something can be received: once all others have had their turn.</summary>
    private ValueTask<int> AfterOthersAsync(Memory<byte> into)
    {
        (_inARow, _into) = (0, into);
        _received.Reset();
        // nobody but the loop's thread, which is this one, tells of more or closes it meanwhile
        Interlocked.Exchange(ref _reading, Waiting);
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

        // it was nothing after all
        if (count < 0 && Interlocked.CompareExchange(ref _reading, Waiting, Nothing) == Nothing) return;
        _received.SetResult(count);
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
        if (_out is null) return;
        ArrayPool<byte>.Shared.Return(_out);
        _out = null;
    }

    /// <returns>How much of both has left; the loop tells when there is room for the rest.</returns>
    private int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var sent = 0;
        while (sent < first.Length + second.Length && !_isStuck && _fault is null)
        {
            var count = sent >= first.Length ? NativeEpoll.Send(_handle, second[(sent - first.Length)..])
                : second.IsEmpty ? NativeEpoll.Send(_handle, first[sent..])
                : NativeEpoll.Send(_handle, first[sent..], second);
            if (count >= 0) sent += count;
            else if (Marshal.GetLastPInvokeError() is var error and not NativeEpoll.WouldBlock) _fault = Broken(error);
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
        bool isAwaited;
        lock (_sending)
        {
            if (!_isStuck) return;
            _isStuck = false;
            _rest = _rest[LeaveWith(_rest.Span)..];
            if (_isStuck) return;
            Loop.WatchFor(_handle, Listens, _mark);
            _rest = default;
            // only who waits by now: another may send, and wait for his own, as soon as this is left
            isAwaited = _drain.Take();
        }

        if (isAwaited) _drain.End(_fault);
    }

    private void Close()
    {
        var gone = new ObjectDisposedException(nameof(LaneSocket));
        bool isAwaited;
        lock (_sending)
        {
            Forget();
            _rest = default;
            isAwaited = _drain.Take();
        }

        // not by closing alone: a process that is being started holds every descriptor for a moment
        Loop.Unwatch(_handle);
        _socket.Dispose();
        Loop.Free(_mark);
        if (Interlocked.CompareExchange(ref _reading, Nothing, Waiting) == Waiting) _received.SetException(gone);
        if (isAwaited) _drain.End(gone);
    }

    private void ThrowIfEnded()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (_fault is { } fault) throw fault;
    }

    /// <summary>Somebody may wait here until what was sent has left. Who begins and who is taken is settled while sending is locked.</summary>
    private sealed class Drain : IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<bool> _core;
        private bool _isAwaited;

        public ValueTask Begin()
        {
            _core.Reset();
            _isAwaited = true;
            return new(this, _core.Version);
        }

        /// <returns>Whether somebody waits, who is to be told of the end now.</returns>
        public bool Take()
        {
            var was = _isAwaited;
            _isAwaited = false;
            return was;
        }

        public void End(Exception? fault)
        {
            if (fault is null) _core.SetResult(true);
            else _core.SetException(fault);
        }

        public void GetResult(short token) => _core.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
    }
}
