using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Helix.Processes;

/// <summary>For how long a thread runs on before others that wait for its processor have their turn.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class NativeSlices
{
    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static nint SetCall => IsArm ? 274 : 314;

    private static nint GetCall => IsArm ? 275 : 315;

    /// <summary>
    /// Asks the system for turns of this length, for the current thread: its share of the processors stays the same. Linux knows of it since 6.12, where 0.1 to 100 ms are allowed
    /// (<c>sched_setattr(2)</c>, <c>sched_runtime</c>); an older one goes on as before.
    /// </summary>
    public static void Ask(TimeSpan length)
    {
        var attributes = new Attributes { Size = (uint)sizeof(Attributes) };
        if (syscall(GetCall, 0, &attributes, sizeof(Attributes), 0) != 0 || attributes.Policy != 0) return;
        attributes.Runtime = (ulong)length.TotalNanoseconds;
        // where it is refused, the thread has the turns that all have
        _ = syscall(SetCall, 0, &attributes, 0, 0);
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint syscall(nint number, nint thread, Attributes* attributes, nint third, nint fourth);

    /// <summary>The first version of the system's <c>sched_attr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}
