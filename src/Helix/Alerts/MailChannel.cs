using Helix.Clouds;
using Helix.Core.Alerts;
using Helix.Core.Configuration;
using Helix.Core.History;

namespace Helix.Alerts;

/// <summary>Mail. While it is not set up, nothing of the library that speaks to its server is made.</summary>
internal sealed partial class MailChannel(ChannelSetups setups, CloudTrust trust, CloudDial dial, Func<HelixConfig> config, ILogger<MailChannel> log) : IAlertChannel
{
    public string Id => ChannelNames.Email;

    public string? Where => setups.WordsOf(Id);

    public ChannelPolicy? Policy => setups.IsSetUp(Id) ? new(Id, HistoryNames.Severity(config().Alerts.EmailSeverity) ?? Severity.Error, config().Alerts.EmailHourly) : null;

    public async Task<Delivery> SendAsync(AlertMessage message, CancellationToken cancellationToken)
    {
        if (setups.Find(Id) is not ChannelTarget.Mail target) return ChannelDelivery.Unreadable(Id);
        if (dial.IsOffline && !target.IsHere) return new Delivery.Later(ChannelWeb.Offline);
        return await MailPost.SendAsync(target, message, trust, LogLeftOut, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the mail server takes nothing for {Mailbox} ({Status}); the others have the message")]
    private partial void LogLeftOut(string mailbox, int status);
}
