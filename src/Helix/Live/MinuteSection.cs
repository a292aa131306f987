using Helix.Contracts;
using Helix.Core.Gateway;
using Helix.Core.Live;
using Helix.Gateway;
using Helix.Storage;

namespace Helix.Live;

/// <summary>
/// The requests of the last sixty minutes, one minute each. What was written down is read once, when somebody begins to look; from then on what comes is
/// added in memory.
/// </summary>
internal sealed class MinuteSection(Accounts accounts, UsageTable table, TimeProvider time) : ILiveSection
{
    private const int Shown = 60;

    /// <summary>Who begins to look after so long finds what was written down meanwhile.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    private Dictionary<long, UsageTotal> _written = [];
    private IReadOnlyDictionary<long, UsageTotal> _seen = new Dictionary<long, UsageTotal>();
    private long? _readAt;

    public string Name => "minutes";

    public int Every => 2;

    public async ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        var first = (long)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMinutes - Shown + 1;
        if (_readAt is not { } at || time.GetElapsedTime(at) > s_pause) await LookAsync(first);
        _readAt = time.GetTimestamp();
        var now = accounts.Minutes();
        foreach (var minute in _written.Keys.Union(now.Keys).Where(minute => minute >= first).Order())
        {
            var total = Of(_written, minute) + Of(now, minute) - Of(_seen, minute);
            if (total.Requests > 0) reading.Add(MinuteKey.Of(minute), Report(total), LiveJson.Default.LiveMinute);
        }
    }

    /// <summary>All that this daemon has seen until now is in the table when that is read, and nothing that comes later.</summary>
    private async Task LookAsync(long first)
    {
        var seen = accounts.Minutes(flushes: true);
        // what cannot be read is left out: then only what this daemon has seen is shown
        _written = [];
        _seen = _written;
        if (await table.ReadAsync(UsageSpan.Minute, DateTimeOffset.UnixEpoch.AddMinutes(first)) is not Stored<List<KeyValuePair<UsageKey, UsageSum>>>.Ok(var rows)) return;
        _seen = seen;
        _written = rows.Where(row => !OwnRequest.IsKey(row.Key.Key)).GroupBy(row => row.Key.Minute)
            .ToDictionary(minute => minute.Key, minute => minute.Aggregate(default(UsageTotal), (sum, row) => sum + UsageTotal.Of(row.Key.Outcome, row.Value)));
    }

    private static UsageTotal Of(IReadOnlyDictionary<long, UsageTotal> totals, long minute) => totals.TryGetValue(minute, out var total) ? total : default;

    private static LiveMinute Report(UsageTotal total) => new(total.Requests, total.Failed, total.Refused, total.Left, total.Tokens.Prompt, total.Tokens.Answer, total.Tokens.Cached);
}
