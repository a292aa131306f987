using System.Globalization;

namespace Helix.Processes;

/// <summary>How much memory processes really take.</summary>
internal static class ProcessMemory
{
    private const string Shares = "Pss:";

    /// <summary>
    /// Of sessions' leaders and everything in their sessions: pages that several processes share are counted once, those of mapped files as far as
    /// they are in memory (<c>Pss</c> of <c>/proc/PID/smaps_rollup</c>, see proc(5)).
    /// </summary>
    /// <returns>Bytes of each leader's session; without those of which the system does not tell.</returns>
    public static IReadOnlyDictionary<int, long> OfSessions(IReadOnlyCollection<int> leaders)
    {
        var shares = new Dictionary<int, long>();
        foreach (var process in ProcessTable.All().Where(process => leaders.Contains(process.Session)))
            if (Of(process.Pid) is { } bytes) shares[process.Session] = shares.GetValueOrDefault(process.Session) + bytes;
        return shares;
    }

    private static long? Of(int pid)
    {
        try
        {
            var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/smaps_rollup")).FirstOrDefault(line => line.StartsWith(Shares, StringComparison.Ordinal));
            return line is not null && long.TryParse(line[Shares.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes << 10 : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
