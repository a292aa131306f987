using System.Globalization;
using Helix.Core.Alerts;
using Helix.Core.Configuration;
using Helix.Core.History;

namespace Helix.Alerts;

/// <summary>A receiver of one's own: JSON, signed, with a key by which it knows what it has already.</summary>
internal sealed class WebhookChannel(ChannelSetups setups, ChannelWeb web, Func<HelixConfig> config, TimeProvider time) : IAlertChannel
{
    public string Id => ChannelNames.Webhook;

    public string? Where => setups.WordsOf(Id);

    public ChannelPolicy? Policy => setups.IsSetUp(Id) ? new(Id, HistoryNames.Severity(config().Alerts.WebhookSeverity) ?? Severity.Info, config().Alerts.WebhookHourly) : null;

    public async Task<Delivery> SendAsync(AlertMessage message, CancellationToken cancellationToken)
    {
        if (setups.Find(Id) is not ChannelTarget.Webhook(var address, var key)) return ChannelDelivery.Unreadable(Id);
        var (body, now) = (WebhookPayload.Of(message), time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        var signature = WebhookPayload.Signature(key, now, body);
        return await web.PostAsync(
            address, body,
            headers =>
            {
                headers.TryAddWithoutValidation(WebhookPayload.IdHeader, message.Key);
                headers.TryAddWithoutValidation(WebhookPayload.TimeHeader, now);
                headers.TryAddWithoutValidation(WebhookPayload.SignatureHeader, signature);
            },
            cancellationToken) switch
        {
            Posted.Answered(var status, var after, var said) => ChannelAnswers.Of(address.Authority, status, after, said, Id),
            var silent => ChannelDelivery.Of(silent),
        };
    }
}
