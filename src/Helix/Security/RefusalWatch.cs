using System.Collections.Immutable;
using Helix.Access;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Security;
using Helix.Processes;

namespace Helix.Security;

/// <summary>Counts refused requests, and tells of those that come too often.</summary>
internal sealed class RefusalWatch(Refusals refusals, Func<SecurityConfig> config, Action<HistoryEvent> tell) : BackgroundLoop
{
    private RefusalTally _tally = RefusalTally.Empty;

    /// <summary>What was told within the last hour.</summary>
    public ImmutableArray<SecurityFinding> Open(DateTimeOffset now) => Volatile.Read(ref _tally).Open(now);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await foreach (var refusal in refusals.Reader.ReadAllAsync(stoppingToken))
        {
            if (!config().Watch) continue;
            var (next, told) = _tally.Take(refusal);
            Volatile.Write(ref _tally, next);
            if (told is not null) foreach (var happened in FindingChanges.Events(told, refusal.At)) tell(happened);
        }
    }
}
