using System.Runtime.InteropServices;

namespace Helix.StandIn.Poses;

internal static partial class Links
{
    /// <returns>0, or -1 where the two are on different file systems.</returns>
    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Hard(string from, string to);
}
