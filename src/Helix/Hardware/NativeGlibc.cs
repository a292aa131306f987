using System.Runtime.InteropServices;
using Helix.Core.Manifests;

namespace Helix.Hardware;

/// <summary>Which glibc this process runs on.</summary>
internal static partial class NativeGlibc
{
    /// <summary>Null where the C library is another one.</summary>
    public static Version? Version()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            return Marshal.PtrToStringUTF8(gnu_get_libc_version()) is { } text ? Dotted.Parse(text) : null;
        }
        catch (Exception other) when (other is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc")]
    private static partial nint gnu_get_libc_version();
}
