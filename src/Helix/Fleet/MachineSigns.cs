using System.Globalization;
using Helix.Install;

namespace Helix.Fleet;

/// <summary>What the machine tells of a fault, beside the engine itself.</summary>
/// <param name="MemoryKills">How many processes the kernel ended for want of memory since the machine began.</param>
/// <param name="DiskIsFull">There is next to no room in helix's home.</param>
internal sealed record MachineSigns(Func<long> MemoryKills, Func<bool> DiskIsFull)
{
    private const long NoRoom = 16L << 20;
    private const string Kernel = "/proc/vmstat";
    private const string Count = "oom_kill ";

    public static MachineSigns None { get; } = new(() => 0, () => false);

    public static MachineSigns Of(string home) => new(KernelKills, () => FreeSpace.At(home) is { } free && free < NoRoom);

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
