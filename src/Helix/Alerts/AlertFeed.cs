using Helix.Core.Alerts;
using Helix.Models;

namespace Helix.Alerts;

/// <summary>How many alerts there are, for whoever wants to know when that changes.</summary>
/// <param name="Unacknowledged">Of the open ones, those that fire and that nobody acknowledged or silenced.</param>
internal sealed record AlertCounts(int Open, int Unacknowledged)
{
    public static AlertCounts None { get; } = new(0, 0);

    public static AlertCounts Of(AlertBook book, DateTimeOffset now)
    {
        Alert[] open = [.. book.Alerts.Values.Where(alert => alert.IsOpen)];
        return new(open.Length, open.Count(alert => alert.State == AlertState.Firing && !book.IsSilenced(alert, now)));
    }
}

/// <summary>Tells everybody who waits that something about alerts or messages is otherwise than before.</summary>
internal sealed class AlertFeed
{
    private readonly Published<AlertCounts> _counts = new(AlertCounts.None);
    private readonly Lock _publishing = new(); // the owner of the alerts and each channel's lane have news
    private volatile bool _isOver;

    public AlertCounts Current => _counts.Current;

    public long Version => _counts.Version;

    /// <summary>This daemon tells nothing more: whoever watches asks the next one.</summary>
    public bool IsOver => _isOver;

    /// <summary>Completes when <see cref="Version"/> is above <paramref name="version"/>; at once if it is already.</summary>
    public Task ChangedAsync(long version, CancellationToken cancellationToken) => _counts.ChangedAsync(version, cancellationToken);

    /// <param name="counts">Null: as before.</param>
    public void Note(AlertCounts? counts = null)
    {
        lock (_publishing) _counts.Replace(counts ?? _counts.Current);
    }

    public void End()
    {
        _isOver = true;
        Note();
    }
}
