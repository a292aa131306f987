using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Core.Tests.Alerts;
using MimeKit;

namespace Helix.Tests.Alerts;

/// <summary>A channel whose other side says no for good, to receivers that are as strict as the real ones: whoever reads the others knows of it, once.</summary>
public sealed class RefusedChannelTests : IAsyncLifetime
{
    private const string Hidden = "hidden-4711";
    private const string Right = "right-4711";
    private const string Away = "webhook is away";
    private const string SlackAway = "slack is away";

    private static readonly TimeSpan s_while = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(5);

    private readonly ChannelStage _stage = new();
    private readonly FakeChannel _web = new("web");
    private readonly MailStandIn _mail = MailStandIn.Started(new MailRules { Password = Right });

    /// <summary>The channel whose other side does not know helix any more, or what stands for one that cannot be reached.</summary>
    private volatile string _refuses = "";
    private ReceiverStandIn _slack = null!;
    private ReceiverStandIn _discord = null!;
    private ReceiverStandIn _webhook = null!;
    private AlertHouse _house = null!;

    public async ValueTask InitializeAsync()
    {
        _slack = await ReceiverStandIn.StartAsync(got => _refuses == SlackAway ? new(503) : _refuses == ChannelNames.Slack ? new(404, "no_service") : PayloadRules.OfSlack(got.Text) is { } trouble ? new(400, trouble) : new(200, "ok"));
        _discord = await ReceiverStandIn.StartAsync(got =>
            _refuses == ChannelNames.Discord ? new(401, "{\"message\": \"Invalid Webhook Token\", \"code\": 50027}") : PayloadRules.OfDiscord(got.Text) is { } trouble ? new(400, trouble) : new(200, "{}"));
        _webhook = await ReceiverStandIn.StartAsync(_ => new(_refuses switch { ChannelNames.Webhook => 403, Away => 503, _ => 204 }));
        _stage.SetUpMail(_mail.Port, "none", Right);
        _stage.SetUp(_stage.Slack, new() { Secret = $"{_slack.Url}/services/{Hidden}" });
        _stage.SetUp(_stage.Discord, new() { Secret = $"{_discord.Url}/api/webhooks/1/{Hidden}" });
        _stage.SetUp(_stage.Webhook, new() { Url = $"{_webhook.Url}/helix", Secret = Hidden });
        _house = new(null, _web, _stage.Mail, _stage.Slack, _stage.Discord, _stage.Webhook);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        await _mail.DisposeAsync();
        foreach (var receiver in new[] { _slack, _discord, _webhook }) await receiver.DisposeAsync();
        _stage.Dispose();
    }

    [Theory]
    [InlineData(ChannelNames.Email)]
    [InlineData(ChannelNames.Slack)]
    [InlineData(ChannelNames.Discord)]
    [InlineData(ChannelNames.Webhook)]
    public async Task It_is_told_on_all_others_once_and_so_is_that_it_works_again(string channel)
    {
        Refuse(channel);
        for (var at = 0; at < 3; at++) await HappensAsync($"/h/{at}");

        IsTold(channel, "warning");
        var alert = Assert.Single(await OpenAsync());
        Assert.Equal((AlertType.Health, Severity.Warning, channel, 1L), (alert.Type, alert.Severity, alert.Subject, alert.Count));
        Assert.Equal($"set it up anew: helix alerts setup {channel}; then: helix alerts test {channel}", alert.Left);
        Assert.DoesNotContain(Hidden, alert.What, StringComparison.Ordinal);
        Assert.NotNull(_house.Delivery.LaneOf(channel).Trouble);

        Repair(channel);
        await HappensAsync("/h/last");

        IsTold(channel, "warning");
        IsTold(channel, "resolved");
        Assert.Empty(await OpenAsync());
        Assert.Null(_house.Delivery.LaneOf(channel).Trouble);
    }

    [Fact]
    public async Task A_daemon_that_comes_afterwards_says_when_it_works_again()
    {
        Refuse(ChannelNames.Slack);
        await HappensAsync("/h/1");
        _house.Crash();
        await HappensAsync("/h/2");
        Assert.Single(await OpenAsync());
        _house.Crash();
        // before it takes anything, it cannot be reached once
        _refuses = SlackAway;
        _house.Happens("owner", "/h/3");
        await _house.PassAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(1, _house.Delivery.LaneOf(ChannelNames.Slack).Failures);
        Repair(ChannelNames.Slack);
        await _house.PassAsync(s_while, s_pace);

        IsTold(ChannelNames.Slack, "warning");
        IsTold(ChannelNames.Slack, "resolved");
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task One_that_is_removed_is_nobodys_trouble_any_more()
    {
        Refuse(ChannelNames.Discord);
        await HappensAsync("/h/1");
        Assert.Null(_stage.Setups.Remove(ChannelNames.Discord));
        _house.Happens("channel_removed", ChannelNames.Discord, Severity.Info, HistoryKind.Self);
        await _house.PassAsync(s_while, s_pace);

        IsTold(ChannelNames.Discord, "resolved");
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task One_that_cannot_be_reached_and_then_refuses_is_one_alert_which_says_what_is_left()
    {
        _refuses = Away;
        _house.Happens("owner", "/h/1");
        await _house.PassAsync(TimeSpan.FromMinutes(9), s_pace);
        Assert.Contains("look whether it can be reached", Assert.Single(await OpenAsync()).Left, StringComparison.Ordinal);

        Refuse(ChannelNames.Webhook);
        await _house.PassAsync(s_while, s_pace);

        Assert.Contains("helix alerts setup webhook", Assert.Single(await OpenAsync()).Left, StringComparison.Ordinal);
        IsTold(ChannelNames.Webhook, "warning");
    }

    private void Refuse(string channel)
    {
        _refuses = channel;
        if (channel == ChannelNames.Email) _stage.SetUpMail(_mail.Port, "none", Hidden);
    }

    private void Repair(string channel)
    {
        _refuses = "";
        if (channel == ChannelNames.Email) _stage.SetUpMail(_mail.Port, "none", Right);
    }

    private async Task HappensAsync(string subject)
    {
        _house.Happens("owner", subject);
        await _house.PassAsync(s_while, s_pace);
    }

    private async Task<Alert[]> OpenAsync() => [.. (await _house.ListAsync(new(OnlyOpen: true))).Where(alert => alert.Family == AlertCauses.ChannelDown)];

    /// <summary>Once on each channel but itself, and there never, whether it was taken or not.</summary>
    private void IsTold(string channel, string word)
    {
        foreach (var reader in _house.Channels.Select(each => each.Id).Where(id => id != channel)) Assert.Single(TitlesOf(reader), title => title.Contains($"{word}: the alert channel {channel} ", StringComparison.Ordinal));
        Assert.DoesNotContain(TitlesOf(channel), title => title.Contains($"the alert channel {channel} ", StringComparison.Ordinal));
    }

    /// <summary>Of all messages that came there.</summary>
    private string[] TitlesOf(string reader) => reader switch
    {
        ChannelNames.Email => [.. _mail.Got.Select(got => SubjectOf(got.Mail))],
        ChannelNames.Slack => Texts(_slack, "text"),
        ChannelNames.Discord => Texts(_discord, "content"),
        ChannelNames.Webhook => Texts(_webhook, "title"),
        _ => [.. _web.Got.Select(AlertText.Title)],
    };

    private static string[] Texts(ReceiverStandIn receiver, string field) => [.. receiver.Got.Select(got => (string?)JsonNode.Parse(got.Text)![field] ?? "")];

    private static string SubjectOf(string mail)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(mail));
        using var read = MimeMessage.Load(stream, TestContext.Current.CancellationToken);
        return read.Subject ?? "";
    }
}
