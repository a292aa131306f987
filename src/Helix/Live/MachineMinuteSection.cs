using Helix.Contracts;
using Helix.Core.Live;

namespace Helix.Live;

/// <summary>What the machine did in each minute of the last hour.</summary>
internal sealed class MachineMinuteSection(MachineDiary diary) : ILiveSection
{
    public string Name => "machine_minutes";

    public int Every => 5;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        foreach (var minute in diary.Current.All) reading.Add(MinuteKey.Of(minute.Number), Report(minute), LiveJson.Default.LiveMachineMinute);
        return ValueTask.CompletedTask;
    }

    private static LiveMachineMinute Report(MachineMinute minute) => new(
        Share(minute.Cpu), Whole(minute.MemoryBytes), Whole(minute.EnginesBytes), Whole(minute.DiskFreeBytes), [.. minute.Gpus.Select(gpu => new LiveGpuMinute(Share(gpu.Busy), Whole(gpu.UsedBytes)))]);

    private static double? Share(LookMean mean) => mean.Value is { } share ? Math.Round(share, 3) : null;

    private static long? Whole(LookMean mean) => (long?)mean.Value;
}
