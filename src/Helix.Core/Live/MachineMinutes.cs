using System.Collections.Immutable;

namespace Helix.Core.Live;

/// <summary>One look at the machine. What was not measured is null.</summary>
/// <param name="Cpu">Share of all processors that was busy since the look before, from 0 to 1.</param>
/// <param name="MemoryBytes">In use.</param>
/// <param name="EnginesBytes">Of that, what engines were seen to take.</param>
/// <param name="DiskFreeBytes">Of the disk with helix's home.</param>
/// <param name="Gpus">In the machine's order; empty where they were not asked.</param>
internal sealed record MachineLook(double? Cpu, double? MemoryBytes, double? EnginesBytes, double? DiskFreeBytes, ImmutableArray<GpuLook> Gpus);

/// <param name="Busy">From 0 to 1.</param>
internal readonly record struct GpuLook(double? Busy, double? UsedBytes);

/// <summary>A figure on average of those looks that had it.</summary>
internal readonly record struct LookMean(double Sum, int Count)
{
    public double? Value => Count == 0 ? null : Sum / Count;

    public LookMean With(double? value) => value is { } known ? new(Sum + known, Count + 1) : this;
}

/// <param name="Number">Since 1970.</param>
internal sealed record MachineMinute(long Number, LookMean Cpu, LookMean MemoryBytes, LookMean EnginesBytes, LookMean DiskFreeBytes, ImmutableArray<GpuMinute> Gpus)
{
    public static MachineMinute New(long number) => new(number, default, default, default, default, []);

    public MachineMinute With(MachineLook look) => new(
        Number, Cpu.With(look.Cpu), MemoryBytes.With(look.MemoryBytes), EnginesBytes.With(look.EnginesBytes), DiskFreeBytes.With(look.DiskFreeBytes),
        [.. Enumerable.Range(0, Math.Max(Gpus.Length, look.Gpus.Length)).Select(at => (at < Gpus.Length ? Gpus[at] : default).With(at < look.Gpus.Length ? look.Gpus[at] : default))]);
}

internal readonly record struct GpuMinute(LookMean Busy, LookMean UsedBytes)
{
    public GpuMinute With(GpuLook look) => new(Busy.With(look.Busy), UsedBytes.With(look.UsedBytes));
}

/// <summary>What the machine did in the last hour, minute by minute, the oldest first. A minute in which nobody looked is not among them.</summary>
internal sealed record MachineMinutes(ImmutableArray<MachineMinute> All)
{
    /// <summary>Minutes that are kept, the one that runs included.</summary>
    public const int Kept = 60;

    public static MachineMinutes None { get; } = new([]);

    /// <param name="minute">Since 1970, in which the look was taken.</param>
    public MachineMinutes With(long minute, MachineLook look)
    {
        // where the clock was set back, what lies ahead of it was not then
        var known = All.Where(each => each.Number > minute - Kept && each.Number < minute);
        var running = All.FirstOrDefault(each => each.Number == minute) ?? MachineMinute.New(minute);
        return new([.. known, running.With(look)]);
    }
}
