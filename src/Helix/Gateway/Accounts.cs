using System.Runtime.InteropServices;
using Helix.Core.Gateway;
using Helix.Processes;
using Helix.Storage;
using Helix.Telemetry;

namespace Helix.Gateway;

/// <summary>Adds up every request to a model, and writes the sums to disk every few seconds: a crash loses at most so much. Whoever measures requests is told of each.</summary>
internal sealed class Accounts(UsageTable table, RequestMetrics metrics, RequestSignals signals, TimeProvider time) : BackgroundLoop
{
    /// <summary>Minutes that are remembered beside the table.</summary>
    private const int Remembered = 64;

    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, UsageTotal> _minutes = [];
    private Dictionary<UsageKey, UsageSum> _sums = [];

    public void Add(RequestRecord one)
    {
        var key = new UsageKey((long)(one.At - DateTimeOffset.UnixEpoch).TotalMinutes, one.Key, one.Provider, one.Model, one.Outcome, one.Node);
        var sum = UsageSum.Of(one);
        // no client waits for what helix asks by itself
        var isHeard = !OwnRequest.IsKey(one.Key);
        lock (_gate)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_sums, key, out _) += sum;
            if (isHeard) Remember(key, sum);
        }

        if (!isHeard) return;
        metrics.Add(one);
        signals.Add(one);
    }

    /// <summary>Writes what has come together.</summary>
    public void Flush()
    {
        // whoever finds nothing to write may rely on it that all was handed over
        lock (_gate) HandOver();
    }

    /// <summary>What this daemon has seen of the last hour's minutes, by minutes since 1970.</summary>
    /// <param name="flushes">All of it is on its way to the table when this returns, and nothing that comes later.</param>
    public IReadOnlyDictionary<long, UsageTotal> Minutes(bool flushes = false)
    {
        lock (_gate)
        {
            if (flushes) HandOver();
            return new Dictionary<long, UsageTotal>(_minutes);
        }
    }

    private void HandOver()
    {
        if (_sums.Count == 0) return;
        table.Add(_sums, time.GetUtcNow());
        _sums = [];
    }

    private void Remember(UsageKey key, UsageSum sum)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_minutes, key.Minute, out _) += UsageTotal.Of(key.Outcome, sum);
        if (_minutes.Count > Remembered) _minutes.Remove(_minutes.Keys.Min());
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
