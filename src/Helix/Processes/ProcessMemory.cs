using System.Globalization;

namespace Helix.Processes;

/// <summary>How much memory processes really take.</summary>
internal static class ProcessMemory
{
    private const string Shares = "Pss:";

    /// <summary>
    /// Of a session's leader and everything in its session: pages that several processes share are counted once, those of mapped files as far as
    /// they are in memory (<c>Pss</c> of <c>/proc/PID/smaps_rollup</c>, see proc(5)).
    /// </summary>
    /// <returns>Bytes; null where the system does not tell.</returns>
    public static long? OfSession(int leader)
    {
        var shares = ProcessTable.All().Where(process => process.Session == leader).Select(process => Of(process.Pid)).OfType<long>().ToArray();
        return shares.Length > 0 ? shares.Sum() : null;
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
