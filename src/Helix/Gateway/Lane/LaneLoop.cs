using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Helix.Processes;
using Microsoft.Win32.SafeHandles;

namespace Helix.Gateway.Lane;

/// <summary>
/// One thread that waits for sockets; whatever was awaited goes on in it. Nothing may block there. What is to be sent leaves together, once all that was ready has been
/// looked at: who is sent to wakes once for many pieces, instead of once for each. Linux only.
/// </summary>
internal sealed class LaneLoop : IDisposable
{
    /// <summary>After so many, what was left to be sent leaves first: nobody waits for long because many others are ready, too.</summary>
    private const int AtOnce = 32;

    /// <summary>After so many looks at what came meanwhile that found nothing, there are no more until two come at once.</summary>
    private const int MostVain = 16;

    /// <summary>After so many pieces of streams at once that come faster than they are read, more are allowed to come: fewer and larger ones cost less, of whoever reads them, too.</summary>
    private const int ManyPieces = 8;

    private static readonly TimeSpan s_pause = TimeSpan.FromMicroseconds(50);

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    /// <summary>Where a machine has more to do than it has processors for, whoever asks for shorter turns than others has them sooner, and the same share in all.</summary>
    private static readonly TimeSpan s_turn = TimeSpan.FromMicroseconds(300);

    [ThreadStatic]
    private static LaneLoop? t_current;

    private readonly SafeFileHandle _epoll = NativeEpoll.Create();
    private readonly SafeFileHandle _bell = NativeEpoll.CreateBell();
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _posted = new();
    private readonly List<LaneSocket> _late = [];
    private readonly List<GCHandle> _gone = [];
    private int _pieces;
    private int _isRung;
    private volatile bool _isOver;

    /// <param name="index">Of it among <see cref="LaneLoops"/>.</param>
    public LaneLoop(TimeProvider time, int index = 0)
    {
        (_time, Index) = (time, index);
        NativeEpoll.Add(_epoll, _bell, NativeEpoll.In, 0);
        _thread = new(Run) { IsBackground = true, Name = "lane" };
        _thread.Start();
    }

    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>The one whose thread this is; null on any other.</summary>
    public static LaneLoop? Current => t_current;

    public int Index { get; }

    /// <summary>The current thread is the loop's.</summary>
    public bool IsHere => ReferenceEquals(t_current, this);

    /// <summary>Runs on the loop's thread, about once a second.</summary>
    public Action? EachSecond { get; set; }

    /// <summary>Bytes that are held for requests which have not come to their end, on all its sockets. On the loop's thread only.</summary>
    public long Unfinished { get; set; }

    /// <summary>On the loop's thread only.</summary>
    internal LaneRooms Rooms { get; } = new();

    /// <summary>Has it run on the loop's thread, once what is ready there has been looked at. From any thread.</summary>
    public void Post(Action<object?> action, object? state)
    {
        _posted.Enqueue((action, state));
        if (!IsHere && Interlocked.Exchange(ref _isRung, 1) == 0) Ring();
    }

    /// <summary>Ends the thread; sockets that are left are heard by nobody any more.</summary>
    public void Dispose()
    {
        _isOver = true;
        if (IsHere) return;
        Ring();
        _thread.Join();
    }

    internal void Watch(SafeHandle socket, uint events, GCHandle mark) => NativeEpoll.Add(_epoll, socket, events, GCHandle.ToIntPtr(mark));

    internal void WatchFor(SafeHandle socket, uint events, GCHandle mark) => NativeEpoll.Change(_epoll, socket, events, GCHandle.ToIntPtr(mark));

    internal void Unwatch(SafeHandle socket) => NativeEpoll.Remove(_epoll, socket);

    /// <summary>It has something to send, which is to leave with all else. On the loop's thread only.</summary>
    internal void Later(LaneSocket socket) => _late.Add(socket);

    /// <summary>Several events of a stream, which have come since it was looked at last, are passed on together. On the loop's thread only.</summary>
    internal void NoteSeveral() => _pieces++;

    /// <summary>Events that have come already may still bear it. On the loop's thread only.</summary>
    internal void Free(GCHandle mark) => _gone.Add(mark);

    private void Run()
    {
        t_current = this;
        if (OperatingSystem.IsLinux()) NativeSlices.Ask(s_turn);
        // nobody but this thread closes it
        var epoll = (int)_epoll.DangerousGetHandle();
        var events = new byte[AtOnce * NativeEpoll.Size];
        var (second, rest, vain) = (_time.GetTimestamp(), s_second, 0);
        while (!_isOver)
        {
            var count = NativeEpoll.Wait(epoll, events, _posted.IsEmpty ? (int)Math.Clamp(Math.Ceiling(rest.TotalMilliseconds), 0, s_second.TotalMilliseconds) : 0);
            Tell(events, count);
            // what has come meanwhile leaves with it; where one comes after the other there is never anything
            if (count > 1) vain = 0;
            for (var told = count; told < AtOnce && count > 0 && vain < MostVain; told += count)
            {
                count = NativeEpoll.Wait(epoll, events, 0);
                Tell(events, count);
                vain = count > 0 ? 0 : vain + 1;
            }

            SendAll();
            if (!_posted.IsEmpty) RunPosted();
            rest = s_second - _time.GetElapsedTime(second);
            if (rest <= TimeSpan.Zero)
            {
                (second, rest) = (_time.GetTimestamp(), s_second);
                EachSecond?.Invoke();
                SendAll();
                Rooms.LetGo();
            }

            FreeGone();
            if (_pieces >= ManyPieces) NativeEpoll.Pause(s_pause);
            _pieces = 0;
        }

        // whoever was closed before this was over is closed, so that the other side hears of it, and so are idle lines whose closing was posted
        RunPosted();
        RunPosted();
        FreeGone();
        _epoll.Dispose();
        _bell.Dispose();
    }

    /// <summary>Whoever has something to hear hears it.</summary>
    private void Tell(byte[] events, int count)
    {
        for (var at = 0; at < count; at++)
        {
            var (what, mark) = NativeEpoll.Read(events, at);
            if (mark != 0)
            {
                ((LaneSocket)GCHandle.FromIntPtr(mark).Target!).Happened(what);
                continue;
            }

            NativeEpoll.Silence(_bell);
            // before it is looked what was posted, on every processor: who rings no more because it is rung has posted already
            Interlocked.Exchange(ref _isRung, 0);
        }
    }

    private void Ring()
    {
        try
        {
            NativeEpoll.Ring(_bell);
        }
        catch (ObjectDisposedException)
        {
            // the loop is over: nobody hears it, and no timer that still closes something dies of that
        }
    }

    private void FreeGone()
    {
        foreach (var mark in _gone) mark.Free();
        _gone.Clear();
    }

    private void RunPosted()
    {
        // those that are posted meanwhile come after the sockets
        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var one); left--) one.Action(one.State);
        SendAll();
    }

    private void SendAll()
    {
        // whoever goes on because something has left may have more to send
        for (var at = 0; at < _late.Count; at++) _late[at].Flush();
        _late.Clear();
    }
}
