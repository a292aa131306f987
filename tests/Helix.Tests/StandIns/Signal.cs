using System.Runtime.InteropServices;

namespace Helix.Tests.StandIns;

internal static partial class Signal
{
    public const int Terminate = 15;

    /// <returns>0, or -1 where there is no such process.</returns>
    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Send(int pid, int signal);
}
