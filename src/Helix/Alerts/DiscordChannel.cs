using Helix.Core.Alerts;
using Helix.Core.Configuration;
using Helix.Core.History;

namespace Helix.Alerts;

/// <summary>Discord, by a webhook of a channel there. It is asked to say when the message stands there, not only that it was read.</summary>
internal sealed class DiscordChannel(ChannelSetups setups, ChannelWeb web, Func<HelixConfig> config) : IAlertChannel
{
    private const string Confirmed = "wait=true";

    public string Id => ChannelNames.Discord;

    public string? Where => setups.WordsOf(Id);

    public ChannelPolicy? Policy => setups.IsSetUp(Id) ? new(Id, HistoryNames.Severity(config().Alerts.DiscordSeverity) ?? Severity.Warning, config().Alerts.DiscordHourly) : null;

    public async Task<Delivery> SendAsync(AlertMessage message, CancellationToken cancellationToken)
    {
        if (setups.Find(Id) is not ChannelTarget.Discord(var address)) return ChannelDelivery.Unreadable(Id);
        return await web.PostAsync(address.With(Confirmed), DiscordPayload.Of(message), static _ => { }, cancellationToken) switch
        {
            Posted.Answered(var status, var after, var said) => ChannelAnswers.Of(address.Authority, status, ChannelAnswers.DiscordWait(said) ?? after, said, Id),
            var silent => ChannelDelivery.Of(silent),
        };
    }
}
