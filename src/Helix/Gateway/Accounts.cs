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

    /// <summary>Whoever asked and answered of late does so again: so many sums are found without a search.</summary>
    private const int AtHand = 8;

    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();

    /// <summary>Of what was handed over; what was not stands in the sums.</summary>
    private readonly Dictionary<long, UsageTotal> _minutes = [];
    private readonly Dictionary<UsageKey, Line> _sums = [];
    private readonly Line?[] _atHand = new Line?[AtHand];
    private uint _next;

    public void Add(in RequestRecord one)
    {
        var key = new UsageKey((long)(one.At - DateTimeOffset.UnixEpoch).TotalMinutes, one.Key, one.Provider, one.Model, one.Outcome, one.Node);
        lock (_gate) LineOf(key).Sum += UsageSum.Of(one);
        // no client waits for what helix asks by itself
        if (OwnRequest.IsKey(one.Key)) return;
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
            var minutes = new Dictionary<long, UsageTotal>(_minutes);
            foreach (var line in _sums.Values) Remember(minutes, line);
            return minutes;
        }
    }

    private Line LineOf(UsageKey key)
    {
        foreach (var recent in _atHand)
            if (recent is not null && recent.Key == key) return recent;
        ref var line = ref CollectionsMarshal.GetValueRefOrAddDefault(_sums, key, out _);
        _atHand[_next++ % AtHand] = line ??= new(key);
        return line;
    }

    private void HandOver()
    {
        if (_sums.Count == 0) return;
        table.Add(_sums.Values.ToDictionary(line => line.Key, line => line.Sum), time.GetUtcNow());
        foreach (var line in _sums.Values) Remember(_minutes, line);
        _sums.Clear();
        Array.Clear(_atHand);
        _next = 0;
    }

    private static void Remember(Dictionary<long, UsageTotal> minutes, Line line)
    {
        if (OwnRequest.IsKey(line.Key.Key)) return;
        CollectionsMarshal.GetValueRefOrAddDefault(minutes, line.Key.Minute, out _) += UsageTotal.Of(line.Key.Outcome, line.Sum);
        if (minutes.Count > Remembered) minutes.Remove(minutes.Keys.Min());
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

    /// <summary>What is to be handed over of one kind.</summary>
    private sealed class Line(UsageKey key)
    {
        public UsageKey Key => key;

        public UsageSum Sum { get; set; }
    }
}
