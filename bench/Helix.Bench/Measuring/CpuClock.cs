using System.Runtime.InteropServices;

namespace Helix.Bench.Measuring;

/// <summary>The kernel's CPU clock of another process: user and system time of all its threads, ended ones too, in nanoseconds.</summary>
internal static partial class CpuClock
{
    private const int Sched = 2;

    /// <exception cref="IOException">There is no such process.</exception>
    public static TimeSpan Of(int pid)
    {
        var clock = (~pid << 3) | Sched;
        return clock_gettime(clock, out var time) == 0
            ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100))
            : throw new IOException($"Process {pid} has ended.");
    }

    public static TimeSpan Of(IEnumerable<int> pids) => pids.Aggregate(TimeSpan.Zero, (sum, pid) => sum + Of(pid));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
