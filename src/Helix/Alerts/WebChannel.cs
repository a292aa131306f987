using Helix.Core.Alerts;
using Helix.Core.Configuration;
using Helix.Core.History;

namespace Helix.Alerts;

/// <summary>The web: what is told stays in the database, numbered, and whoever watches reads it from there (<see cref="AlertStream"/>). So each browser has each message once, also one that was away.</summary>
internal sealed class WebChannel(Func<HelixConfig> config) : IAlertChannel
{
    public const string Name = "web";

    public string Id => Name;

    public ChannelPolicy? Policy => new(Name, HistoryNames.Severity(config().Alerts.WebSeverity) ?? Severity.Info, config().Alerts.WebHourly);

    /// <summary>That it is marked as sent is all there is to do.</summary>
    public Task<Delivery> SendAsync(AlertMessage message, CancellationToken cancellationToken) => Task.FromResult<Delivery>(new Delivery.Sent());
}
