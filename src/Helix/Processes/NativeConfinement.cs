using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Helix.Core.Sandbox;

namespace Helix.Processes;

/// <summary>What a process can take away from itself. Everything holds for the calling thread, and for the program that it becomes.</summary>
internal static unsafe partial class NativeConfinement
{
    private const int NoNewPrivileges = 38, SetSeccomp = 22, DropBound = 24, Ambient = 47, AmbientClearAll = 4, LastCapability = 63;
    private const int FilterMode = 2, AttachRequest = 16;
    private const uint CapabilityVersion = 0x20080522;
    private const int SetMask = 2;
    private const int SignalSetRoom = 128;
    private const int DataLimit = 2, CoreLimit = 4, ProcessLimit = 6, FilesLimit = 7;
    private static readonly int[] s_toDefault = [1, 2, 3, 13, 15];

    /// <summary>Signals to end are kept until a program inside takes them: whoever only waits for it must not die of them.</summary>
    public static void HoldEnd()
    {
        byte* signals = stackalloc byte[SignalSetRoom];
        _ = sigemptyset(signals);
        _ = sigaddset(signals, NativeLibc.SignalTerminate);
        _ = pthread_sigmask(SetMask, signals, null);
    }

    /// <summary>Signals do again what the system does with them.</summary>
    public static void HearSignals()
    {
        foreach (var number in s_toDefault) _ = signal(number, 0);
        byte* signals = stackalloc byte[SignalSetRoom];
        _ = sigemptyset(signals);
        _ = pthread_sigmask(SetMask, signals, null);
    }

    /// <exception cref="IOException">The system refused.</exception>
    public static void Limit(SandboxLimits limits, bool ofOneUser)
    {
        Bound(CoreLimit, 0);
        Bound(FilesLimit, (ulong)limits.Files);
        if (limits is { ByResource: true, MemoryBytes: { } bytes }) Bound(DataLimit, (ulong)bytes);
        if (ofOneUser) Bound(ProcessLimit, (ulong)limits.Processes);
    }

    /// <summary>No program that is started can have a capability again.</summary>
    public static void DropBounds()
    {
        for (var capability = 0; capability <= LastCapability; capability++) _ = prctl(DropBound, (nuint)capability, 0, 0, 0);
        _ = prctl(Ambient, AmbientClearAll, 0, 0, 0);
    }

    /// <exception cref="IOException">The system refused.</exception>
    public static void BecomeUser(int user, int group, ReadOnlySpan<uint> groups)
    {
        fixed (uint* first = groups) Demand(setgroups((nuint)groups.Length, first), "its groups cannot be set");
        Demand(setresgid((uint)group, (uint)group, (uint)group), "its group cannot be set");
        Demand(setresuid((uint)user, (uint)user, (uint)user), "its user cannot be set");
    }

    /// <exception cref="IOException">The system refused.</exception>
    public static void DropCapabilities()
    {
        var header = stackalloc uint[] { CapabilityVersion, 0 };
        var none = stackalloc uint[6];
        for (var i = 0; i < 6; i++) none[i] = 0;
        Demand(capset(header, none), "its capabilities cannot be dropped");
    }

    /// <exception cref="IOException">The system refused.</exception>
    public static void GainNothing() => Demand(prctl(NoNewPrivileges, 1, 0, 0, 0), "new privileges cannot be ruled out");

    /// <exception cref="IOException">The system refused.</exception>
    public static void Filter(ImmutableArray<FilterStep> steps)
    {
        var program = new ulong[steps.Length];
        for (var i = 0; i < steps.Length; i++)
            program[i] = steps[i].Code | ((ulong)steps[i].IfTrue << 16) | ((ulong)steps[i].IfFalse << 24) | ((ulong)steps[i].Value << 32);
        fixed (ulong* first = program)
        {
            var whole = stackalloc nuint[] { (nuint)program.Length, (nuint)first };
            Demand(prctl(SetSeccomp, FilterMode, (nuint)whole, 0, 0), "its system calls cannot be filtered");
        }
    }

    /// <summary>Asks to trace a process that cannot be: who may trace is told that there is none.</summary>
    public static bool CanTrace() => ptrace(AttachRequest, -1, 0, 0) == 0 || Marshal.GetLastPInvokeError() != NativeLibc.NotPermitted;

    internal static void Demand(int result, string what)
    {
        if (result < 0) throw new IOException($"{what}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static void Bound(int resource, ulong most)
    {
        var pair = stackalloc ulong[2];
        if (getrlimit(resource, pair) == 0 && pair[1] < most) most = pair[1];
        (pair[0], pair[1]) = (most, most);
        Demand(setrlimit(resource, pair), "a limit cannot be set");
    }

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigaddset(byte* signals, int number);

    [LibraryImport("libc")]
    private static partial int pthread_sigmask(int how, byte* signals, byte* before);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, ulong* pair);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, ulong* pair);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint ptrace(nint request, nint pid, nint address, nint data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(uint* header, uint* data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setgroups(nuint count, uint* groups);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setresuid(uint real, uint effective, uint saved);
}
