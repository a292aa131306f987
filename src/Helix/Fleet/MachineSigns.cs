using System.Globalization;
using Helix.Install;
using Helix.Sandbox;

namespace Helix.Fleet;

/// <param name="Own">Null where the engine has no group that tells.</param>
internal readonly record struct MemoryKills(long? Own, long All)
{
    /// <summary>One of the engine's processes was among those since then, as far as can be told.</summary>
    public bool HasMoreThan(MemoryKills before) => Own is { } own ? own > (before.Own ?? 0) : All > before.All;
}

/// <summary>What the machine tells of a fault, beside the engine itself.</summary>
/// <param name="MemoryKills">How many processes the kernel ended for want of memory: of the control group of an instance, and of all since the machine began.</param>
/// <param name="DiskIsFull">There is next to no room in helix's home.</param>
internal sealed record MachineSigns(Func<string, MemoryKills> MemoryKills, Func<bool> DiskIsFull)
{
    private const long NoRoom = 16L << 20;
    private const string Kernel = "/proc/vmstat";
    private const string Count = "oom_kill ";

    public static MachineSigns None { get; } = new(_ => default, () => false);

    /// <param name="groups">Before the names of instances in those of their control groups.</param>
    public static MachineSigns Of(string home, string groups) => new(name => new(ControlGroups.MemoryKills(groups + name), KernelKills()), () => FreeSpace.At(home) is { } free && free < NoRoom);

    /// <summary>0 where the kernel does not count them (before Linux 4.13), or there is no Linux.</summary>
    private static long KernelKills()
    {
        try
        {
            var line = File.Exists(Kernel) ? File.ReadLines(Kernel).FirstOrDefault(line => line.StartsWith(Count, StringComparison.Ordinal)) : null;
            return line is not null && long.TryParse(line.AsSpan(Count.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var kills) ? kills : 0;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
