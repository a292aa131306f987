using Helix.Alerts;
using Helix.Clouds;
using Helix.Core.Alerts;
using Helix.Core.Configuration;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Alerts;

/// <summary>The channels of helix over a home of their own, each set up as the test says.</summary>
internal sealed class ChannelStage : IDisposable
{
    private readonly CloudDial _dial;

    public ChannelStage()
    {
        _dial = new(FakeCloud.Trust, CloudProxies.None, () => Config);
        Web = new(FakeCloud.Trust, _dial, TimeProvider.System);
        Setups = Anew();
        Slack = new SlackChannel(Setups, Web, () => Config);
        Discord = new DiscordChannel(Setups, Web, () => Config);
        Webhook = new WebhookChannel(Setups, Web, () => Config, TimeProvider.System);
        Mail = new MailChannel(Setups, FakeCloud.Trust, _dial, () => Config, NullLogger<MailChannel>.Instance);
    }

    public TemporaryHome Temporary { get; } = new();

    public HelixConfig Config { get; set; } = HelixConfig.Default with { Alerts = new(EmailSeverity: "info", EmailHourly: 1000, SlackSeverity: "info", SlackHourly: 1000, DiscordSeverity: "info", DiscordHourly: 1000, WebhookHourly: 1000) };

    public ChannelSetups Setups { get; }

    public ChannelWeb Web { get; }

    public IAlertChannel Slack { get; }

    public IAlertChannel Discord { get; }

    public IAlertChannel Webhook { get; }

    public IAlertChannel Mail { get; }

    /// <summary>As the next daemon finds them.</summary>
    public ChannelSetups Anew() => new(new Helix.Alerts.ChannelBook(Temporary.Home), new CloudSeal(Temporary.Home), TimeProvider.System, NullLogger<ChannelSetups>.Instance);

    public void SetUp(IAlertChannel channel, ChannelSetup setup) => Assert.Null(Setups.SetUp(channel.Id, setup));

    public void SetUpMail(int port, string safety, string? password = null, params string[] to) => SetUp(Mail, new()
    {
        Server = $"localhost:{port}", Safety = safety, User = password is null ? null : "helix", Secret = password, From = "helix@example.org", To = to.Length > 0 ? to : ["ann@example.org"],
    });

    public void Dispose()
    {
        Web.Dispose();
        Temporary.Dispose();
    }
}
