using System.Globalization;
using Helix.Core.Alerts;
using Helix.Core.Automation;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Models;
using Helix.Fleet;
using Helix.Hardware;
using Helix.Telemetry;

namespace Helix.Alerts;

/// <summary>What is measured for the alerts, and where.</summary>
/// <param name="Disk">Free and in all, in bytes; null where the system does not say.</param>
/// <param name="Memory">Of the machine, or the container.</param>
/// <param name="EngineBytes">That engines may take together.</param>
/// <param name="Beats">What is done again and again.</param>
internal sealed record SampleSources(
    RequestMetrics Requests, IFleetView Fleet, Func<string, int> Waiting, Func<(long Free, long Total)?> Disk, Func<MemoryFacts> Memory, long EngineBytes, Func<CleanupConfig> Cleanup, Func<IEnumerable<Beat>> Beats);

/// <summary>Measures what rules may compare. Nothing is measured for this alone that would cost the gateway anything.</summary>
internal sealed class AlertSampler(SampleSources sources, TimeProvider time)
{
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(5);

    /// <summary>Before that, the fleet may not know yet what runs.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromMinutes(2);

    private readonly long _begun = time.GetTimestamp();
    private readonly Queue<(long At, IReadOnlyList<RequestCounts> Counts)> _earlier = new();

    public AlertSample Look()
    {
        var fleet = sources.Fleet.Current;
        var disk = sources.Disk();
        return new(
            [.. Requests(), .. fleet.Models.Select(model => Waiting(model.Id)), .. new[] { DiskFree(disk), MemoryFree(sources.Memory()), EngineMemory(fleet) }.OfType<MeasuredValue>()],
            [.. sources.Beats()],
            disk is var (free, total) && !DiskWatermark.IsLow(true, free, total, sources.Cleanup()) ? [AlertCauses.DiskIsEnough] : [],
            time.GetElapsedTime(_begun) < s_settled ? null : [.. fleet.Instances.Select(instance => instance.Name)]);
    }

    private IEnumerable<MeasuredValue> Requests()
    {
        var (now, counts) = (time.GetTimestamp(), sources.Requests.Read());
        _earlier.Enqueue((now, counts));
        while (_earlier.Count > 1 && time.GetElapsedTime(_earlier.Peek().At, now) > s_window) _earlier.Dequeue();
        return RequestRates.Of(_earlier.Peek().Counts, counts);
    }

    private MeasuredValue Waiting(string model)
    {
        var count = sources.Waiting(model);
        return new(AlertMeasure.Waiting, null, model, count, Words($"{count} requests wait for a place before the engines of {model}"));
    }

    private static MeasuredValue? DiskFree((long Free, long Total)? disk) => disk is var (free, total) && total > 0
        ? new(AlertMeasure.DiskFree, null, null, 100.0 * free / total, $"{ByteCount.Words(free)} of {ByteCount.Words(total)} are free on the disk with helix's home")
        : null;

    private static MeasuredValue? MemoryFree(MemoryFacts memory) => memory is { Total: > 0, Available: { } free }
        ? new(AlertMeasure.MemoryFree, null, null, 100.0 * free / memory.Total, $"{ByteCount.Words(free)} of {ByteCount.Words(memory.Total)} of memory are free")
        : null;

    private MeasuredValue? EngineMemory(FleetSnapshot fleet)
    {
        var taken = fleet.Instances.Where(instance => instance.Pid is not null).Sum(instance => instance.MeasuredBytes);
        return sources.EngineBytes <= 0 || taken <= 0
            ? null
            : new(AlertMeasure.EngineMemory, null, null, 100.0 * taken / sources.EngineBytes, $"engines take {ByteCount.Words(taken)} of the {ByteCount.Words(sources.EngineBytes)} that they may use together");
    }

    private static string Words(FormattableString words) => words.ToString(CultureInfo.InvariantCulture);
}
