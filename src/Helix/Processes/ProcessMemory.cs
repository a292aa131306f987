using System.Globalization;
using Helix.Core.Processes;

namespace Helix.Processes;

/// <summary>How much memory processes really take. Of one that seems to take what it took, the kernel is not asked again each time: it walks all of its pages to tell.</summary>
internal sealed class ProcessMemory
{
    private const string Shares = "Pss:";

    /// <summary>A change by less is not noticed at once.</summary>
    private const int NotedPages = 256;

    /// <summary>After so many looks it is asked again whatever it seems.</summary>
    private const int MostLooks = 6;

    private Dictionary<(int Pid, long StartTicks), Known> _known = [];

    /// <summary>
    /// Of sessions' leaders and everything in their sessions: pages that several processes share are counted once, those of mapped files as far as
    /// they are in memory (<c>Pss</c> of <c>/proc/PID/smaps_rollup</c>, see proc(5)).
    /// </summary>
    /// <returns>Bytes of each leader's session; without those of which the system does not tell.</returns>
    public IReadOnlyDictionary<int, long> OfSessions(IReadOnlyCollection<int> leaders)
    {
        var (shares, seen) = (new Dictionary<int, long>(), new Dictionary<(int, long), Known>());
        foreach (var process in ProcessTable.All().Where(process => leaders.Contains(process.Session)))
        {
            if (Look(process) is not { } known) continue;
            seen[(process.Pid, process.StartTicks)] = known;
            shares[process.Session] = shares.GetValueOrDefault(process.Session) + known.Bytes;
        }

        _known = seen;
        return shares;
    }

    private Known? Look(ProcStat process)
    {
        if (_known.TryGetValue((process.Pid, process.StartTicks), out var known) && known.Looks < MostLooks && Math.Abs(process.ResidentPages - known.Pages) < NotedPages) return known with { Looks = known.Looks + 1 };
        return Of(process.Pid) is { } bytes ? new(process.ResidentPages, bytes, 1) : null;
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

    /// <param name="Pages">In RAM when it was asked.</param>
    private readonly record struct Known(long Pages, long Bytes, int Looks);
}
