using System.Runtime.InteropServices;

namespace Helix.Processes;

/// <summary>Replaces the running program by another: same pid, same children, and the descriptors that were told to stay.</summary>
internal static unsafe partial class NativeExec
{
    /// <returns>Only when it failed: why.</returns>
    public static string Become(string fileName, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        using var texts = new NativeStrings([fileName, .. arguments]);
        using var variables = new NativeStrings(NativeStrings.OfEnvironment(environment));
        _ = execve(fileName, texts.List, variables.List);
        return Marshal.GetLastPInvokeErrorMessage();
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execve(string path, byte** arguments, byte** environment);
}
