using System.Collections.Concurrent;
using Helix.Core.Gateway;
using Helix.Telemetry;

namespace Helix.Gateway;

/// <summary>What passed through the gateway since the daemon began.</summary>
internal sealed class GatewayCounters(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, InstanceTraffic> _instances = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ModelTraffic> _models = new(StringComparer.Ordinal);
    private readonly long _origin = time.GetTimestamp();
    private readonly Lock _retrying = new();
    private RetryBudget _retries = RetryBudget.Full;
    private long _requests;
    private long _errors;
    private long _ended;

    /// <summary>Of the model that was asked last, which nearly always is asked next, too.</summary>
    private ModelTraffic? _lastModel;

    /// <summary>Held for all that is noted of instances and models, and while a backend is chosen: each choice looks at several, and a lock for each would cost more than what it protects.</summary>
    public Lock Gate { get; } = new();

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Requests that ended with a status of 400 or above, or with an error frame.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    public int InFlight
    {
        get
        {
            // first those that ended: so there are never more of them than began
            var ended = Interlocked.Read(ref _ended);
            return (int)(Requests - ended);
        }
    }

    /// <summary>Time since the last piece of any answer was passed on; null if there was none yet.</summary>
    public TimeSpan? SinceOutput => _instances.Values.Select(traffic => traffic.SinceOutput).Min();

    /// <summary>Traffic of one instance, by its name in the fleet's snapshot.</summary>
    public InstanceTraffic Of(string instance) => _instances.TryGetValue(instance, out var traffic) ? traffic : _instances.GetOrAdd(instance, _ => new InstanceTraffic(time, _origin, Gate));

    /// <summary>Null for an instance that nobody has asked yet.</summary>
    public InstanceTraffic? Find(string instance) => _instances.GetValueOrDefault(instance);

    /// <summary>How fast streams began and went on, by provider and model.</summary>
    public StreamPaces Paces { get; } = new(time);

    /// <summary>What clients were sent, whoever answered.</summary>
    public long Tokens => _instances.Values.Sum(traffic => traffic.Tokens);

    /// <summary>Since the daemon began: the clock of every <see cref="Breaker"/>.</summary>
    public TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>The timestamp of this moment.</summary>
    public long Timestamp => time.GetTimestamp();

    /// <summary>That moment on the clock of every <see cref="Breaker"/>.</summary>
    public TimeSpan At(long timestamp) => time.GetElapsedTime(_origin, timestamp);

    /// <summary>Whether one more request may be sent again after a refusal.</summary>
    public bool GrantsRetry()
    {
        lock (_retrying)
        {
            (var granted, _retries) = _retries.Take(Requests, Now);
            return granted;
        }
    }

    /// <summary>The requests for one model.</summary>
    public ModelTraffic OfModel(string model) =>
        _lastModel is { } last && last.Model == model ? last : (_lastModel = _models.GetOrAdd(model, static name => new ModelTraffic(name)));

    public void Begin() => Interlocked.Increment(ref _requests);

    public void End(bool failed)
    {
        if (failed) Interlocked.Increment(ref _errors);
        Interlocked.Increment(ref _ended);
    }
}
