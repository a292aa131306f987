using System.Runtime.InteropServices;

namespace Helix.Hardware;

/// <summary>Memory of a Mac.</summary>
internal static partial class MacMemory
{
    public static long Total()
    {
        var (value, size) = (0L, (nuint)sizeof(long));
        return SysctlByName("hw.memsize", ref value, ref size, 0, 0) == 0 ? value : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    }

    [LibraryImport("libc", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SysctlByName(string name, ref long value, ref nuint size, nint unused, nuint unusedSize);
}
