using System.Net.Http.Headers;
using Helix.Core.Alerts;
using Helix.Core.Configuration;
using Helix.Core.History;

namespace Helix.Alerts;

/// <summary>Slack, by an incoming webhook or as a bot. Slack knows no key of a sender's: what a crash sends twice stands there twice.</summary>
internal sealed class SlackChannel(ChannelSetups setups, ChannelWeb web, Func<HelixConfig> config) : IAlertChannel
{
    private const string Method = "chat.postMessage";

    public string Id => ChannelNames.Slack;

    public string? Where => setups.WordsOf(Id);

    public ChannelPolicy? Policy => setups.IsSetUp(Id) ? new(Id, HistoryNames.Severity(config().Alerts.SlackSeverity) ?? Severity.Warning, config().Alerts.SlackHourly) : null;

    public async Task<Delivery> SendAsync(AlertMessage message, CancellationToken cancellationToken)
    {
        switch (setups.Find(Id))
        {
            case ChannelTarget.SlackHook(var address):
                return await web.PostAsync(address, SlackPayload.Of(message, null), static _ => { }, cancellationToken) switch
                {
                    Posted.Answered(var status, var after, var said) => ChannelAnswers.Of(address.Authority, status, after, said, Id),
                    var silent => ChannelDelivery.Of(silent),
                };
            case ChannelTarget.SlackBot(var api, var token, var place):
                return await web.PostAsync(api.Below(Method), SlackPayload.Of(message, place), headers => headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal()), cancellationToken) switch
                {
                    Posted.Answered(var status, var after, var said) => ChannelAnswers.OfSlackApi(api.Authority, status, after, said),
                    var silent => ChannelDelivery.Of(silent),
                };
            default: return ChannelDelivery.Unreadable(Id);
        }
    }
}
