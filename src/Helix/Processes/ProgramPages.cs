using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Helix.Processes;

/// <summary>What this process holds of its own program's file.</summary>
internal static partial class ProgramPages
{
    private const int DontNeed = 4;

    private const string Ranges = "/proc/self/smaps";
    private const string Written = "Anonymous:";

    /// <summary>Stands behind <see cref="Written"/>, of the same range.</summary>
    private const string Swapped = "Swap:";

    /// <summary>
    /// Lets go of the code and constants, of which a start touches far more than what runs afterwards: what is still needed comes back from the system's cache by itself as it is
    /// touched. What was written to, by this process or for it as it was loaded, is left alone.
    /// </summary>
    /// <param name="ranges">The file that tells of them; where it cannot be read, as on systems that keep no such account, nothing is let go of.</param>
    [SupportedOSPlatform("linux")]
    public static void LetGo(string ranges = Ranges)
    {
        if (Environment.ProcessPath is not { } program) return;
        try
        {
            foreach (var (start, end) in Untouched(File.ReadAllLines(ranges), program)) _ = madvise((nint)start, (nuint)(end - start), DontNeed);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // it is held as before
        }
    }

    /// <param name="lines">As of <c>/proc/self/smaps</c>: for each range a line as "00404000-0188e000 r-xp 00004000 fe:00 131 /usr/bin/program", then what is known of it, as "Anonymous: 0 kB" and, behind that, "Swap: 0 kB".</param>
    /// <returns>Ranges of the program's file that can only be read, and of which nothing differs from the file.</returns>
    internal static IEnumerable<(ulong Start, ulong End)> Untouched(IEnumerable<string> lines, string program)
    {
        (ulong, ulong)? range = null;
        foreach (var line in lines)
        {
            if (line.StartsWith(Written, StringComparison.Ordinal))
            {
                if (!IsNothing(line, Written)) range = null;
            }
            else if (line.StartsWith(Swapped, StringComparison.Ordinal))
            {
                // what was written and lies in the swap is not counted as written, and would be lost with it
                if (range is { } one && IsNothing(line, Swapped)) yield return one;
                range = null;
            }
            else if (line.EndsWith(' ' + program, StringComparison.Ordinal)) range = RangeOf(line);
        }
    }

    private static bool IsNothing(string line, string name) => line.AsSpan(name.Length).Trim() is "0 kB";

    private static (ulong Start, ulong End)? RangeOf(string line)
    {
        var parts = line.Split(' ', 3);
        var dash = parts[0].IndexOf('-', StringComparison.Ordinal);
        if (parts.Length < 3 || dash < 0 || parts[1] is not ("r--p" or "r-xp")) return null;
        return ulong.TryParse(parts[0].AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var start)
            && ulong.TryParse(parts[0].AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var end) && start < end
            ? (start, end)
            : null;
    }

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc")]
    private static partial int madvise(nint start, nuint length, int advice);
}
