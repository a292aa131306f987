using System.Diagnostics;

namespace Helix.StandIn;

#pragma warning disable RS0030 // real engines start children of their own; so does the stand-in

/// <summary>Children in the same process group: they do nothing, and outlive their parent for ten minutes at most.</summary>
internal static class Children
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public static void Start(int count)
    {
        for (var i = 0; i < count; i++)
            using (Process.Start(Environment.ProcessPath!, ["--as", "child"])) { }
    }

    /// <summary>Starts this program again as another pose: by a shell that ends at once, so that the child has no parent and none of our pipes.</summary>
    public static void Detach(params string[] arguments)
    {
        using var shell = Process.Start("/bin/sh", ["-c", "\"$0\" \"$@\" </dev/null >/dev/null 2>&1 &", Environment.ProcessPath!, .. arguments])!;
        shell.WaitForExit();
    }
}
