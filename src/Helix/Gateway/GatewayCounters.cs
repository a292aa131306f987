using System.Collections.Concurrent;

namespace Helix.Gateway;

/// <summary>What passed through the gateway since the daemon began.</summary>
internal sealed class GatewayCounters(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, InstanceTraffic> _instances = new(StringComparer.Ordinal);
    private long _requests;
    private long _errors;
    private int _inFlight;

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Requests that ended with a status of 400 or above, or with an error frame.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Time since the last piece of any answer was passed on; null if there was none yet.</summary>
    public TimeSpan? SinceOutput => _instances.Values.Select(traffic => traffic.SinceOutput).Min();

    /// <summary>Traffic of one instance, by its name in the fleet's snapshot.</summary>
    public InstanceTraffic Of(string instance) => _instances.TryGetValue(instance, out var traffic) ? traffic : _instances.GetOrAdd(instance, _ => new InstanceTraffic(time));

    public void Begin()
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Increment(ref _inFlight);
    }

    public void End(bool failed)
    {
        if (failed) Interlocked.Increment(ref _errors);
        Interlocked.Decrement(ref _inFlight);
    }
}
