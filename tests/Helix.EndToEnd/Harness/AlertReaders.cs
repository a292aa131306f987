using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helix.Core.Tests.Alerts;
using Helix.Tests.Alerts;

namespace Helix.EndToEnd.Harness;

/// <summary>Whoever is told of alerts outside of helix: by mail, on Slack, on Discord and by a webhook. They are away at first, and take nothing that the real ones would refuse.</summary>
internal sealed class AlertReaders : IAsyncDisposable
{
    /// <summary>Lines of the configuration by which each channel is told of everything.</summary>
    public const string Settings = "alerts:\n  command_line_severity: info\n  email_severity: info\n  slack_severity: info\n  discord_severity: info\n";

    private const string Hidden = "hidden-4711";
    private const string Domain = "example.org";

    private readonly MailStandIn _mail = new(new MailRules { Password = Hidden });
    private readonly ReceiverStandIn _slack = ReceiverStandIn.Away(got => PayloadRules.OfSlack(got.Text) is { } trouble ? new(400, trouble) : new(200, "ok"));
    private readonly ReceiverStandIn _discord = ReceiverStandIn.Away(got => PayloadRules.OfDiscord(got.Text) is { } trouble ? new(400, trouble) : new(200, "{}"));
    private readonly ReceiverStandIn _webhook = ReceiverStandIn.Away(_ => new(204));

    /// <summary>The channels that lead to them.</summary>
    public static string[] Outside { get; } = ["email", "slack", "discord", "webhook"];

    /// <summary>With those that stay on this machine.</summary>
    public static string[] Channels { get; } = ["web", "command_line", .. Outside];

    public string[] Slack => [.. _slack.Got.Select(got => got.Text)];

    public string[] Discord => [.. _discord.Got.Select(got => got.Text)];

    /// <summary>The bodies that the webhook was given.</summary>
    public JsonNode[] Webhook => [.. _webhook.Got.Select(got => JsonNode.Parse(got.Text)!)];

    /// <summary>In how many messages each of them found the link of an alert.</summary>
    public (int Slack, int Discord, int Webhook) FoundLinksTo(long alert)
    {
        var link = new Regex($"#alerts/{alert}(?![0-9])");
        return (Slack.Count(text => link.IsMatch(text)), Discord.Count(text => link.IsMatch(text)), _webhook.Got.Count(got => link.IsMatch(got.Text)));
    }

    /// <summary>Says to helix where they are, as a user does.</summary>
    public async Task SetUpAsync(TempHome home)
    {
        await SetUpAsync(home, Hidden, "email", "--server", $"127.0.0.1:{_mail.Port}", "--safety", "none", "--user", "helix", "--from", $"helix@{Domain}", "--to", $"ann@{Domain}");
        await SetUpAsync(home, $"{_slack.Url}/services/{Hidden}", "slack");
        await SetUpAsync(home, $"{_discord.Url}/api/webhooks/1/{Hidden}", "discord");
        await SetUpAsync(home, Hidden, "webhook", "--url", $"{_webhook.Url}/helix");
    }

    public async Task ReturnAsync()
    {
        _mail.Return();
        foreach (var receiver in new[] { _slack, _discord, _webhook }) await receiver.ReturnAsync();
    }

    /// <summary>Waits until what helix says that it sent is what came, and checks that nothing of it came twice.</summary>
    public async Task HaveEachOnceAsync(TempHome home)
    {
        foreach (var channel in Outside)
        {
            var (sent, came) = (0, 0);
            await Eventually.TrueAsync(
                async () =>
                {
                    (sent, came) = ((await MessagesAsync(home, channel)).Count(IsSent), CountOf(channel));
                    return sent > 0 && sent == came;
                },
                $"what {channel} was sent is what came", () => $"{sent} sent, {came} came");
        }

        IsOnceEach(Slack);
        IsOnceEach(Discord);
        IsOnceEach([.. _webhook.Got.Select(got => got.Headers["Helix-Message-Id"])]);
        foreach (var message in (await MessagesAsync(home, "email")).Where(IsSent)) Assert.Single(_mail.Got, got => got.Mail.Contains($"<{(string?)message["key"]}@{Domain}>", StringComparison.Ordinal));
    }

    public static bool IsSent(JsonNode message) => (string?)message["state"] == "sent";

    /// <summary>What helix told on a channel, and what waits there. None where nobody answers because one daemon follows another.</summary>
    public static Task<JsonNode[]> MessagesAsync(TempHome home, string channel) => AskAsync(home, $"alerts/messages?channel={channel}&limit=1000", "messages");

    /// <summary>The list of alerts, the newest first. None where nobody answers because one daemon follows another.</summary>
    public static Task<JsonNode[]> AlertsAsync(TempHome home, string query) => AskAsync(home, $"alerts?{query}", "alerts");

    public async ValueTask DisposeAsync()
    {
        await _mail.DisposeAsync();
        foreach (var receiver in new[] { _slack, _discord, _webhook }) await receiver.DisposeAsync();
    }

    private int CountOf(string channel) => channel switch
    {
        "email" => _mail.Got.Count,
        "slack" => _slack.Got.Count,
        "discord" => _discord.Got.Count,
        _ => _webhook.Got.Count,
    };

    private static void IsOnceEach(string[] came) => Assert.Equal(came.Length, came.Distinct(StringComparer.Ordinal).Count());

    private static async Task SetUpAsync(TempHome home, string secret, string channel, params string[] more) =>
        (await Launched.RunAsync(home.Command(["alerts", "setup", channel, .. more]) with { Input = secret + "\n" })).Succeeded();

    private static async Task<JsonNode[]> AskAsync(TempHome home, string path, string part)
    {
        try
        {
            var answer = await home.Api.GetAsync($"/helix/v1/{path}");
            return answer.Status == 200 ? [.. answer.Json[part]!.AsArray().Select(each => each!)] : [];
        }
        catch (Exception away) when (away is HttpRequestException or IOException)
        {
            return [];
        }
    }
}
