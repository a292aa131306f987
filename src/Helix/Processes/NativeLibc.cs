using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Helix.Processes;

/// <summary>The C library, as far as the life of processes needs it and .NET does not offer it. Numbers differ between Linux and macOS where it says so.</summary>
internal static unsafe partial class NativeLibc
{
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;

    public const int InterruptedCall = 4;
    public const int NotPermitted = 1;

    public const short Readable = 1;
    public const short Writable = 4;

    private const int PidfdOpenCall = 434;
    private const int ChildSubreaper = 36;
    private const int NoHang = 1;
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int GetDescriptorFlags = 1;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExecFlag = 1;
    private const int FirstHighDescriptor = 100;
    private const int LeastUrgent = 19;

    private static int WouldBlock => OperatingSystem.IsLinux() ? 11 : 35;

    private static int CloseOnExecAtOpen => OperatingSystem.IsLinux() ? 0x80000 : 0x1000000;

    private static int DuplicateCloseOnExec => OperatingSystem.IsLinux() ? 1030 : 67;

    public static int Poll(Span<PollEntry> entries, TimeSpan? timeout)
    {
        var milliseconds = timeout is { } span ? (int)Math.Clamp(Math.Ceiling(span.TotalMilliseconds), 0, int.MaxValue) : -1;
        fixed (PollEntry* first = entries)
            return poll(first, (nuint)entries.Length, milliseconds);
    }

    /// <summary>Waits, without a thread pool and without a timer.</summary>
    public static void Rest(TimeSpan time) => Poll([], time);

    public static bool IsReadable(int descriptor)
    {
        Span<PollEntry> entry = [new PollEntry { Descriptor = descriptor, Events = Readable }];
        return Poll(entry, TimeSpan.Zero) > 0;
    }

    /// <summary>A descriptor that becomes readable when the process dies, child or not; -1 where the system has none.</summary>
    public static int OpenPidfd(int pid) => OperatingSystem.IsLinux() ? (int)syscall(PidfdOpenCall, pid, 0) : -1;

    /// <summary>Collects a child that died.</summary>
    /// <param name="pid">-1 for any.</param>
    /// <returns>Its pid; 0 while it lives; -1 when it is not our child, or not there.</returns>
    public static int Collect(int pid, out int status)
    {
        status = 0;
        int result;
        fixed (int* target = &status)
        {
            do
                result = waitpid(pid, target, NoHang);
            while (result < 0 && Marshal.GetLastPInvokeError() == InterruptedCall);
        }

        return result;
    }

    /// <summary>Everything written to the disk that holds a folder is on it when this returns.</summary>
    /// <exception cref="IOException">The disk did not take all of it.</exception>
    public static void FlushDiskOf(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            sync();
            return;
        }

        var descriptor = open(folder, CloseOnExecAtOpen);
        if (descriptor < 0) throw new IOException($"{folder} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
        var (failed, error, words) = (syncfs(descriptor) != 0, Marshal.GetLastPInvokeError(), Marshal.GetLastPInvokeErrorMessage());
        Close(descriptor);
        if (failed) throw new IOException($"{folder} could not be written to the disk: {words}", error);
    }

    public static bool Kill(int pid, int signal) => kill(pid, signal) == 0;

    /// <summary>Signals a whole group; false when it has no member.</summary>
    public static bool KillGroup(int leader, int signal) => leader > 1 && kill(-leader, signal) == 0;

    public static bool Exists(int pid) => kill(pid, 0) == 0 || Marshal.GetLastPInvokeError() == NotPermitted;

    /// <summary>Orphans of our children become ours, so that none escapes.</summary>
    public static void BecomeSubreaper()
    {
        if (OperatingSystem.IsLinux())
            _ = prctl(ChildSubreaper, 1, 0, 0, 0);
    }

    public static bool TryLock(SafeHandle file) => flock((int)file.DangerousGetHandle(), LockExclusive | LockNonBlocking) == 0;

    public static bool TryShareLock(SafeHandle file) => flock((int)file.DangerousGetHandle(), LockShared | LockNonBlocking) == 0;

    /// <summary>Why the last lock was not had: another process holds it. False where it was for a reason of the file system's own.</summary>
    public static bool IsHeldByAnother => Marshal.GetLastPInvokeError() == WouldBlock;

    /// <summary>Opens a file without the lock that .NET takes on everything it opens; invalid when it cannot be had.</summary>
    public static SafeFileHandle OpenToRead(string path) => new(open(path, CloseOnExecAtOpen), ownsHandle: true);

    public static void RestrictNewFiles() => _ = umask(0x3f);

    public static uint UserId() => getuid();

    /// <summary>Whoever else wants to compute goes first from now on; threads that are there already are not changed.</summary>
    public static void ComputeLast() => _ = setpriority(0, 0, LeastUrgent);

    /// <summary>A copy with a high number that no program which is started inherits.</summary>
    public static int Duplicate(int descriptor) => Fcntl(descriptor, DuplicateCloseOnExec, FirstHighDescriptor);

    public static void Close(int descriptor) => _ = close(descriptor);

    public static bool IsOpen(int descriptor) => Fcntl(descriptor, GetDescriptorFlags, 0) >= 0;

    public static void SetCloseOnExec(int descriptor, bool value) => _ = Fcntl(descriptor, SetDescriptorFlags, value ? CloseOnExecFlag : 0);

    /// <summary>From now on a started program inherits nothing but what it is given: what this process itself was born with (locks, pipes of a script) ends here.</summary>
    public static void ShareNothing()
    {
        if (!OperatingSystem.IsLinux())
            return;
        foreach (var entry in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor) && descriptor > 2)
                SetCloseOnExec(descriptor, true);
        }
    }

    /// <summary>Gives a file, folder or link another name, in one step; what bears it already is replaced. Links are not followed, as .NET's own moves do.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Rename(string from, string to)
    {
        if (rename(from, to) != 0) throw new IOException($"{from} could not be renamed to {to}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    /// <summary>Gives a file a second name; false where the file system cannot, or it lies on another one.</summary>
    public static bool TryLink(string file, string name) => link(file, name) == 0;

    // fcntl takes its last argument "variadic": on Apple's ARM that means on the stack, behind the eight registers
    private static int Fcntl(int descriptor, int command, int argument) =>
        OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64
            ? fcntl_on_stack(descriptor, command, 0, 0, 0, 0, 0, 0, argument)
            : fcntl(descriptor, command, argument);

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, int first, int second);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int descriptor, int operation);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int umask(int mask);

    [LibraryImport("libc")]
    private static partial uint getuid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setpriority(int kind, uint who, int priority);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int fcntl_on_stack(int descriptor, int command, nint r2, nint r3, nint r4, nint r5, nint r6, nint r7, nint argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string file, string name);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(int descriptor);

    [LibraryImport("libc")]
    private static partial void sync();
}
