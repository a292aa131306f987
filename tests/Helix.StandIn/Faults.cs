using System.Runtime.InteropServices;

namespace Helix.StandIn;

/// <summary>The faults that build up over requests.</summary>
internal sealed partial class Faults
{
    private const int BlockMb = 256;

    private readonly List<byte[]> _leaked = [];
    private int _generations;

    /// <summary>Called when a generation begins.</summary>
    public void Generation(Knobs knobs)
    {
        var count = Interlocked.Increment(ref _generations);
        if (knobs.CrashAfterRequests > 0 && count > knobs.CrashAfterRequests)
        {
            Stage.Log("stand-in: told to crash (crash_after_requests)");
            Die(knobs.CrashCode);
        }

        if (knobs.Once || knobs.DieSaying.Length > 0) Knobs.Forget();
        if (knobs.DieSaying.Length > 0)
        {
            Stage.Log(knobs.DieSaying);
            Die(1);
        }

        for (var left = knobs.LeakMb; left > 0; left -= BlockMb) Leak(Math.Min(left, BlockMb));
    }

    private void Leak(int megabytes)
    {
        try
        {
            var block = new byte[megabytes * 1024 * 1024];
            Array.Fill(block, (byte)1); // only written pages count
            lock (_leaked) _leaked.Add(block);
        }
        catch (OutOfMemoryException)
        {
            // as programs in C++ end
            Stage.Log("terminate called after throwing an instance of 'std::bad_alloc'");
            Die(134);
        }
    }

    /// <summary>Ends the process without a word, as a crash does.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Die(int code);
}
