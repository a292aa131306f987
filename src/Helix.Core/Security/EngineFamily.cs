using System.Collections.Immutable;
using Helix.Core.Processes;

namespace Helix.Core.Security;

/// <summary>
/// Which processes are an engine's: all of its session, all of its control group, and whatever these started. Who begins a session of his own leaves
/// only the first, and who leaves his parents only the last.
/// </summary>
internal static class EngineFamily
{
    /// <summary>Of those whose parents do not lead to the first process.</summary>
    public const int Apart = int.MaxValue;

    /// <param name="all">Everything that is alive.</param>
    /// <param name="leader">First process of the session.</param>
    /// <param name="group">Pids of all that is in its control group; empty where there is none.</param>
    /// <returns>Each with the number of parents between it and the first process.</returns>
    public static ImmutableArray<(ProcStat Process, int Depth)> Of(IReadOnlyCollection<ProcStat> all, int leader, IReadOnlySet<int> group)
    {
        var (children, family, left) = (all.ToLookup(process => process.Parent), new Dictionary<int, (ProcStat Process, int Depth)>(), new Queue<(ProcStat Process, int Depth)>());
        foreach (var first in all.Where(process => process.Pid == leader)) Take(first, 0);
        foreach (var other in all.Where(process => process.Session == leader || group.Contains(process.Pid))) Take(other, Apart);
        return [.. family.Values.OrderBy(member => member.Process.Pid)];

        void Take(ProcStat root, int depth)
        {
            left.Enqueue((root, depth));
            while (left.TryDequeue(out var next))
            {
                if (!family.TryAdd(next.Process.Pid, next)) continue;
                foreach (var child in children[next.Process.Pid]) left.Enqueue((child, next.Depth == Apart ? Apart : next.Depth + 1));
            }
        }
    }
}
