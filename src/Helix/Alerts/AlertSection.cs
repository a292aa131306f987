using System.Globalization;
using Helix.Contracts;
using Helix.Core.Live;
using Helix.Live;

namespace Helix.Alerts;

/// <summary>The alerts that are open, the newest of them, as <c>GET /helix/v1/alerts</c> tells them.</summary>
internal sealed class AlertSection(AlertWatch watch, Func<string> link, TimeProvider time) : ILiveSection
{
    public const string Called = "alerts";

    private const int Shown = 200;

    public string Name => Called;

    /// <summary>It is rung for as well; a silence ends by itself.</summary>
    public int Every => 60;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        if (watch.Current is not { } book) return default;
        var now = time.GetUtcNow();
        foreach (var alert in book.Alerts.Values.Where(alert => alert.IsOpen).OrderByDescending(alert => alert.Id).Take(Shown))
            reading.Add(alert.Id.ToString(CultureInfo.InvariantCulture), AlertReporting.Of(alert, book, now, link()), AlertApiJson.Default.AlertReport);
        return default;
    }
}
