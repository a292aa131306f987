using System.Runtime.InteropServices;
using Helix.Processes;

namespace Helix.Screen;

/// <summary>The C library, as far as a terminal needs it and .NET does not offer it: .NET changes a terminal's mode only while it reads, so that what is typed in between is shown.</summary>
internal static unsafe partial class NativeTerminal
{
    private const int In = 0;
    private const int Out = 1;
    private const int AtOnce = 0;
    private const nint Ignored = 1;

    /// <summary>More than any system's <c>struct termios</c>; what is in it is nobody's business here.</summary>
    private const int ModeBytes = 256;

    private static nuint AskSize => OperatingSystem.IsLinux() ? 0x5413u : 0x40087468u;

    private static int SignalStop => OperatingSystem.IsLinux() ? 20 : 18;

    /// <summary>
    /// Stops the whole group of this process, as the terminal itself does for Ctrl-Z, and returns when somebody goes on with it. A group that nobody could
    /// go on with is left alone by the system: then it returns at once.
    /// </summary>
    public static void StopGroup()
    {
        // the others first; then this thread by itself, for only what a thread sends to itself has come when the call returns
        var usual = signal(SignalStop, Ignored);
        NativeLibc.Kill(0, SignalStop);
        _ = signal(SignalStop, usual);
        _ = raise(SignalStop);
    }

    /// <summary>How the terminal is set; null where there is none.</summary>
    public static byte[]? Mode()
    {
        var mode = new byte[ModeBytes];
        fixed (byte* target = mode) return tcgetattr(In, target) == 0 ? mode : null;
    }

    /// <summary>The same, but each key comes as it is typed, none is shown, and none makes a signal.</summary>
    public static byte[] Raw(byte[] mode)
    {
        byte[] raw = [.. mode];
        fixed (byte* target = raw) cfmakeraw(target);
        return raw;
    }

    public static bool Set(byte[] mode)
    {
        fixed (byte* source = mode) return tcsetattr(In, AtOnce, source) == 0;
    }

    /// <summary>In cells; null where nobody says.</summary>
    public static (int Width, int Height)? Size()
    {
        // rows, columns, and both in points
        Span<ushort> size = stackalloc ushort[4];
        fixed (ushort* target = size)
        {
            var result = OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64
                ? ioctl_on_stack(Out, AskSize, 0, 0, 0, 0, 0, 0, target)
                : ioctl(Out, AskSize, target);
            return result == 0 && size[0] > 0 && size[1] > 0 ? (size[1], size[0]) : null;
        }
    }

    public static bool IsReadable(TimeSpan patience)
    {
        Span<NativeLibc.PollEntry> entry = [new NativeLibc.PollEntry { Descriptor = In, Events = NativeLibc.Readable }];
        return NativeLibc.Poll(entry, patience) > 0;
    }

    /// <summary>What was typed; empty at the end, null where the call was interrupted.</summary>
    public static byte[]? Read()
    {
        var buffer = new byte[256];
        nint count;
        fixed (byte* target = buffer) count = read(In, target, (nuint)buffer.Length);
        if (count < 0) return Marshal.GetLastPInvokeError() == NativeLibc.InterruptedCall ? null : [];
        return buffer[..(int)count];
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcgetattr(int descriptor, byte* mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcsetattr(int descriptor, int when, byte* mode);

    [LibraryImport("libc")]
    private static partial void cfmakeraw(byte* mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    private static partial int raise(int number);

    // ioctl takes its last argument "variadic": on Apple's ARM that means on the stack, behind the eight registers
    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, ushort* size);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int ioctl_on_stack(int descriptor, nuint request, nint r2, nint r3, nint r4, nint r5, nint r6, nint r7, ushort* size);
}
