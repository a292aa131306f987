using System.Runtime.InteropServices;

namespace Helix.Processes;

/// <summary>Landlock: a process gives up files for itself and all that it starts (see landlock(7)).</summary>
internal static unsafe partial class NativeLandlock
{
    private const long Create = 444, AddRule = 445, Restrict = 446;
    private const uint VersionFlag = 1;
    private const int BeneathPath = 1;
    private const int OpenPath = 0x200000 | 0x80000;

    private const ulong Execute = 1, WriteFile = 2, ReadFile = 4, ReadFolder = 8, Refer = 1 << 13, Truncate = 1 << 14, DeviceControl = 1 << 15;
    private const ulong First = (1 << 13) - 1, OfFiles = Execute | WriteFile | ReadFile | Truncate | DeviceControl;
    private const ulong Ports = 3, Scopes = 3;

    /// <summary>0 where the kernel has none.</summary>
    public static int Version { get; } = OperatingSystem.IsLinux() ? Math.Max(0, (int)syscall(Create, null, 0, VersionFlag)) : 0;

    private static ulong Handled => First | (Version >= 2 ? Refer : 0) | (Version >= 3 ? Truncate : 0) | (Version >= 5 ? DeviceControl : 0);

    /// <param name="reads">What is not there is left out.</param>
    /// <param name="uses">Device files: read and written, never made.</param>
    /// <param name="refusesPorts">TCP, where the kernel can tell.</param>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Confine(IEnumerable<string> reads, IEnumerable<string> writes, IEnumerable<string> uses, bool refusesPorts)
    {
        var attributes = stackalloc ulong[] { Handled, refusesPorts ? Ports : 0, Scopes };
        var size = Version >= 6 ? 24 : Version >= 4 ? 16 : 8;
        var rules = (int)syscall(Create, attributes, (nuint)size, 0);
        NativeConfinement.Demand(rules, "its files cannot be restricted");
        foreach (var path in reads) Add(rules, path, Execute | ReadFile | ReadFolder);
        foreach (var path in writes) Add(rules, path, Handled & ~DeviceControl);
        foreach (var path in uses) Add(rules, path, ReadFile | WriteFile | (Handled & DeviceControl));
        NativeConfinement.Demand((int)restrict(Restrict, rules, 0), "its files cannot be restricted");
        NativeLibc.Close(rules);
    }

    private static void Add(int rules, string path, ulong allowed)
    {
        var descriptor = open(path, OpenPath);
        if (descriptor < 0) return;
        if (!Directory.Exists(path)) allowed &= OfFiles;
        var rule = stackalloc byte[12];
        (*(ulong*)rule, *(int*)(rule + 8)) = (allowed, descriptor);
        var result = (int)add_rule(AddRule, rules, BeneathPath, rule, 0);
        NativeLibc.Close(descriptor);
        NativeConfinement.Demand(result, $"{path} cannot be opened to it");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, ulong* attributes, nuint size, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long add_rule(long number, long rules, long kind, byte* rule, long flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long restrict(long number, long rules, long flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
