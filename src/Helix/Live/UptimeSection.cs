using Helix.Contracts;
using Helix.Core.Live;

namespace Helix.Live;

/// <summary>How long each provider, and the whole, was up in the last 30 days.</summary>
internal sealed class UptimeSection(Func<Task<IReadOnlyList<UptimeReport>>> all) : ILiveSection
{
    public string Name => "uptime";

    public int Every => 60;

    public async ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        foreach (var report in await all()) reading.Add(report.Id, report, HistoryJson.Default.UptimeReport);
    }
}
