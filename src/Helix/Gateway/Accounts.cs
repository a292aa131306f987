using Helix.Core.Gateway;
using Helix.Processes;
using Helix.Storage;
using Helix.Telemetry;

namespace Helix.Gateway;

/// <summary>Adds up every request to a model, and writes the sums to disk every few seconds: a crash loses at most so much. Whoever measures requests is told of each.</summary>
internal sealed class Accounts(UsageTable table, RequestMetrics metrics, RequestSignals signals, TimeProvider time) : BackgroundLoop
{
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Dictionary<UsageKey, UsageSum> _sums = [];

    public void Add(RequestRecord one)
    {
        var key = new UsageKey((long)(one.At - DateTimeOffset.UnixEpoch).TotalMinutes, one.Key, one.Provider, one.Model, one.Outcome);
        lock (_gate) _sums[key] = _sums.GetValueOrDefault(key) + UsageSum.Of(one);
        // no client waits for it
        if (OwnRequest.IsKey(one.Key)) return;
        metrics.Add(one);
        signals.Add(one);
    }

    /// <summary>Writes what has come together.</summary>
    public void Flush()
    {
        // whoever finds nothing to write may rely on it that all was handed over
        lock (_gate)
        {
            if (_sums.Count == 0) return;
            table.Add(_sums, time.GetUtcNow());
            _sums = [];
        }
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_pace, time, stoppingToken);
                Flush();
            }
        }
        finally
        {
            Flush();
        }
    }
}
