using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Live;
using Helix.Fleet;

namespace Helix.Live;

/// <summary>Every supervised process of an engine, with the four steps of its health.</summary>
internal sealed class InstanceSection(IFleetView fleet) : ILiveSection
{
    public string Name => "instances";

    public int Every => 10;

    public bool FollowsFleet => true;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        foreach (var instance in fleet.Current.Instances) reading.Add(instance.Name, Report(instance), LiveJson.Default.LiveInstance);
        return ValueTask.CompletedTask;
    }

    private static LiveInstance Report(InstanceStatus instance) => new(
        instance.Name, instance.Provider, instance.Model, instance.State, instance.Reason, instance.Remedy, instance.Pid, instance.Restarts, instance.Since, instance.Fault, instance.NextStart,
        instance.TookToStart?.TotalMilliseconds, instance.TookToRecover?.TotalMilliseconds, instance.ReservedBytes, instance.ReservedGpuBytes, instance.MeasuredBytes > 0 ? instance.MeasuredBytes : null,
        [.. HealthSigns.Steps.Zip(instance.Health.Signs, (step, sign) => new LiveHealthStep(step, sign.ToString().ToLowerInvariant()))]);
}
