using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Helix.Gateway.Lane;

/// <summary>What of Linux waits for many sockets at once, and moves bytes without waiting. Linux only.</summary>
internal static unsafe partial class NativeEpoll
{
    public const uint In = 1, Out = 4, Error = 8, HangUp = 0x10, PeerClosed = 0x2000, OnChange = 1u << 31;

    public const int WouldBlock = 11, BrokenPipe = 32, Reset = 104;

    private const int CloseOnExec = 0x80000, NonBlocking = 0x800;
    private const int AddCall = 1, RemoveCall = 2, ChangeCall = 3;
    private const int NoSignal = 0x4000;
    private const int Interrupted = 4;

    /// <summary>Bytes of one event.</summary>
    public static int Size => MarkAt + 8;

    /// <summary>On x86-64 an event has no gap between its two parts, elsewhere it has.</summary>
    private static int MarkAt => IsX64 ? 4 : 8;

    private static nint SendCall => IsX64 ? 44 : 206;

    private static nint ReceiveCall => IsX64 ? 45 : 207;

    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <exception cref="Win32Exception">The system has no more.</exception>
    public static SafeFileHandle Create() => Opened(epoll_create1(CloseOnExec));

    /// <summary>A counter that is readable while it is not zero.</summary>
    /// <exception cref="Win32Exception">The system has no more.</exception>
    public static SafeFileHandle CreateBell() => Opened(eventfd(0, CloseOnExec | NonBlocking));

    public static void Ring(SafeFileHandle bell)
    {
        ulong one = 1;
        _ = write(bell, &one, sizeof(ulong));
    }

    public static void Silence(SafeFileHandle bell)
    {
        ulong rung;
        _ = read(bell, &rung, sizeof(ulong));
    }

    /// <param name="mark">Comes with each event.</param>
    /// <exception cref="Win32Exception">The system refused.</exception>
    public static void Add(SafeFileHandle epoll, SafeHandle watched, uint events, nint mark) => Control(epoll, AddCall, watched, events, mark);

    /// <exception cref="Win32Exception">The system refused.</exception>
    public static void Change(SafeFileHandle epoll, SafeHandle watched, uint events, nint mark) => Control(epoll, ChangeCall, watched, events, mark);

    /// <summary>One that is not there is no trouble.</summary>
    public static void Remove(SafeFileHandle epoll, SafeHandle watched) => TryControl(epoll, RemoveCall, watched, 0, 0);

    /// <param name="epoll">Nobody closes it meanwhile.</param>
    /// <param name="events">Room for whole ones of <see cref="Size"/>.</param>
    /// <param name="milliseconds">For so long at most.</param>
    /// <returns>How many have come.</returns>
    /// <exception cref="Win32Exception">The system refused.</exception>
    public static int Wait(int epoll, Span<byte> events, int milliseconds)
    {
        fixed (byte* first = events)
        {
            var count = Outcome(epoll_wait(epoll, first, events.Length / Size, milliseconds));
            return count >= 0 ? count : count == -Interrupted ? 0 : throw new Win32Exception(-count);
        }
    }

    /// <summary>Leaves the processor to others for at least so long, less than a second.</summary>
    public static void Pause(TimeSpan length)
    {
        var time = stackalloc nint[] { 0, (nint)length.TotalNanoseconds };
        _ = nanosleep(time, null);
    }

    public static (uint Events, nint Mark) Read(ReadOnlySpan<byte> events, int at)
    {
        var one = events.Slice(at * Size, Size);
        return (Unsafe.ReadUnaligned<uint>(ref MemoryMarshal.GetReference(one)), (nint)Unsafe.ReadUnaligned<long>(ref MemoryMarshal.GetReference(one[MarkAt..])));
    }

    /// <param name="socket">Nobody closes it meanwhile.</param>
    /// <returns>Bytes; 0 at the end; below 0 where it failed: the number of the system's error, negated.</returns>
    public static int Receive(int socket, Span<byte> into)
    {
        fixed (byte* first = into)
        {
            int count;
            do
                count = Outcome(syscall(ReceiveCall, socket, first, into.Length, 0, 0, 0));
            while (count == -Interrupted);
            return count;
        }
    }

    /// <summary>The same where others may close the socket meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">They have.</exception>
    public static int Receive(SafeHandle socket, Span<byte> into)
    {
        var isHeld = false;
        try
        {
            socket.DangerousAddRef(ref isHeld);
            return Receive((int)socket.DangerousGetHandle(), into);
        }
        finally
        {
            if (isHeld) socket.DangerousRelease();
        }
    }

    /// <param name="socket">Nobody closes it meanwhile.</param>
    /// <returns>Bytes that left; below 0 where it failed: the number of the system's error, negated.</returns>
    public static int Send(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            int count;
            do
                count = Outcome(syscall(SendCall, socket, first, bytes.Length, NoSignal, 0, 0));
            while (count == -Interrupted);
            return count;
        }
    }

    /// <summary>The same where others may close the socket meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">They have.</exception>
    public static int Send(SafeHandle socket, ReadOnlySpan<byte> bytes)
    {
        var isHeld = false;
        try
        {
            socket.DangerousAddRef(ref isHeld);
            return Send((int)socket.DangerousGetHandle(), bytes);
        }
        finally
        {
            if (isHeld) socket.DangerousRelease();
        }
    }

    /// <summary>Both in one.</summary>
    /// <param name="socket">Nobody closes it meanwhile.</param>
    /// <returns>Bytes that left; below 0 where it failed: the number of the system's error, negated.</returns>
    public static int Send(int socket, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* one = first)
        fixed (byte* two = second)
        {
            var parts = stackalloc nint[] { (nint)one, first.Length, (nint)two, second.Length };
            // no address, and no more than the bytes
            var message = stackalloc nint[] { 0, 0, (nint)parts, 2, 0, 0, 0 };
            int count;
            do
                count = Outcome(sendmsg(socket, message, NoSignal));
            while (count == -Interrupted);
            return count;
        }
    }

    /// <summary>The system tells why it failed to whoever asks before anything else is called.</summary>
    private static int Outcome(nint returned) => returned >= 0 ? (int)returned : -Marshal.GetLastSystemError();

    private static void Control(SafeFileHandle epoll, int call, SafeHandle watched, uint events, nint mark)
    {
        if (!TryControl(epoll, call, watched, events, mark)) throw new Win32Exception();
    }

    private static bool TryControl(SafeFileHandle epoll, int call, SafeHandle watched, uint events, nint mark)
    {
        var one = stackalloc byte[Size];
        Unsafe.WriteUnaligned(one, events);
        Unsafe.WriteUnaligned(one + MarkAt, (long)mark);
        return epoll_ctl(epoll, call, watched, one) == 0;
    }

    private static SafeFileHandle Opened(int descriptor) => descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw new Win32Exception();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint start, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(SafeFileHandle epoll, int call, SafeHandle watched, byte* one);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int epoll, byte* events, int most, int milliseconds);

    /// <summary>What <c>send</c> and <c>recv</c> do, without what makes a thread that waits in them stoppable: here none waits.</summary>
    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint socket, byte* bytes, nint length, nint flags, nint address, nint addressLength);

    [LibraryImport("libc")]
    private static partial int nanosleep(nint* time, nint* left);

    [LibraryImport("libc")]
    private static partial nint sendmsg(int socket, void* message, int flags);

    [LibraryImport("libc")]
    private static partial nint write(SafeFileHandle file, void* bytes, nuint length);

    [LibraryImport("libc")]
    private static partial nint read(SafeFileHandle file, void* into, nuint length);
}
