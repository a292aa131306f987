using System.Text.Json.Nodes;
using Helix.Core.Tests.Alerts;
using Helix.Tests.Alerts;

namespace Helix.EndToEnd;

/// <summary>The published program tells one and the same alert by mail, on Slack, on Discord and to a webhook: once each, whatever is away, and whoever is killed.</summary>
public sealed class ChannelTests
{
    private const string Hidden = "hidden-4711";
    private const int Refused = 6, TimedOut = 11;

    private static readonly string[] s_channels = ["email", "slack", "discord", "webhook"];

    /// <summary>What a killed daemon had begun to send is free again after a minute, and pauses grow to two.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    /// <summary>For so long nobody is there; in the short run only until the second daemon has tried in vain, too.</summary>
    private static readonly TimeSpan s_outage = Ring.IsLong ? TimeSpan.FromMinutes(10) : TimeSpan.Zero;

    [Fact]
    public async Task An_alert_arrives_once_on_each_channel_also_where_they_were_away_for_long_and_the_daemon_was_killed_meanwhile()
    {
        var begun = TimeProvider.System.GetTimestamp();
        await using var mail = new MailStandIn(new MailRules { Password = Hidden });
        await using var slack = ReceiverStandIn.Away(got => PayloadRules.OfSlack(got.Text) is { } trouble ? new(400, trouble) : new(200, "ok"));
        await using var discord = ReceiverStandIn.Away(got => PayloadRules.OfDiscord(got.Text) is { } trouble ? new(400, trouble) : new(200, "{}"));
        await using var webhook = ReceiverStandIn.Away(_ => new(204));
        await using var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();
        (await SetUpAsync(home, Hidden, "email", "--server", $"127.0.0.1:{mail.Port}", "--safety", "none", "--user", "helix", "--from", "helix@example.org", "--to", "ann@example.org")).Succeeded();
        (await SetUpAsync(home, $"{slack.Url}/services/{Hidden}", "slack")).Succeeded();
        (await SetUpAsync(home, $"{discord.Url}/api/webhooks/1/{Hidden}", "discord")).Succeeded();
        (await SetUpAsync(home, Hidden, "webhook", "--url", $"{webhook.Url}/helix")).Succeeded();

        for (var at = 0; at < 25; at++) (await home.Gateway.SendAsync(HttpMethod.Get, "/v1/models", null, ("Authorization", $"Bearer hx_wrong{at}"))).Is(401);
        await Eventually.TrueAsync(() => IsOnEachAsync(home, message => (int)message["tries"]! > 0), "each channel was tried in vain", deadline: s_patience);
        await LastsAsync(s_outage / 2);
        var (killed, tries) = (home.Daemon, Array.Empty<int>());
        Processes.Signal(killed, Processes.Kill);
        await Eventually.TrueAsync(async () => home.Daemon is { } next && next != killed && (tries = await TriesAsync(home)).All(each => each >= 0), "another daemon answers");
        await Eventually.TrueAsync(async () => (await TriesAsync(home)).Zip(tries).All(each => each.First > each.Second), "the next daemon tries each in vain", deadline: s_patience);
        await LastsAsync(s_outage);
        Ring.Say($"nobody was there for {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0} s");
        mail.Return();
        foreach (var receiver in new[] { slack, discord, webhook }) await receiver.ReturnAsync();

        await Eventually.TrueAsync(() => IsOnEachAsync(home, message => (string?)message["state"] == "sent"), "each channel has it", deadline: s_patience);
        // other alerts of this machine may be told meanwhile: of all that was sent, each came once
        await Eventually.TrueAsync(
            async () => await SentAsync(home, "email") == mail.Got.Count && await SentAsync(home, "slack") == slack.Got.Count && await SentAsync(home, "discord") == discord.Got.Count && await SentAsync(home, "webhook") == webhook.Got.Count,
            "what was sent is what came");
        Assert.Equal(slack.Got.Count, slack.Got.Select(got => got.Text).Distinct().Count());
        Assert.Equal(discord.Got.Count, discord.Got.Select(got => got.Text).Distinct().Count());
        var (key, mailKey) = ((string)(await AboutAsync(home, "webhook"))!["key"]!, (string)(await AboutAsync(home, "email"))!["key"]!);
        Assert.Single(webhook.Got, got => got.Headers["Helix-Message-Id"] == key);
        Assert.Contains("wrong_keys", webhook.Got.Single(got => got.Headers["Helix-Message-Id"] == key).Text, StringComparison.Ordinal);
        Assert.Single(mail.Got, got => got.Mail.Contains($"<{mailKey}@example.org>", StringComparison.Ordinal));
        await IsNowhereToBeReadAsync(home);

        async Task LastsAsync(TimeSpan span)
        {
            if (span - TimeProvider.System.GetElapsedTime(begun) is var left && left > TimeSpan.Zero) await Task.Delay(left, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Each_channel_is_tried_out_and_says_what_came_of_it()
    {
        var status = 200;
        await using var slack = await ReceiverStandIn.StartAsync(_ => new(status, status == 404 ? "no_service" : "ok", ("Retry-After", "3600")));
        await using var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();

        (await SetUpAsync(home, "no address", "slack")).Failed(Refused, "no address");
        (await SetUpAsync(home, $"{slack.Url}/services/{Hidden}", "slack")).Succeeded();
        (await home.HelixAsync("alerts", "test", "slack")).Succeeded();
        var listed = (await home.HelixAsync("alerts", "channels", "--format", "json")).Succeeded().Out;
        Assert.Contains($"127.0.0.1:{slack.Port}", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(Hidden, listed, StringComparison.Ordinal);

        status = 404;
        (await home.HelixAsync("alerts", "test", "slack")).Failed(Refused, "no_service", "helix alerts setup slack");
        status = 429;
        (await home.HelixAsync("alerts", "test", "slack")).Failed(TimedOut, "429");
        // whoever sets it up anew has not to wait for the hour that was asked for
        status = 200;
        (await SetUpAsync(home, $"{slack.Url}/services/other", "slack")).Succeeded();
        (await home.HelixAsync("alerts", "test", "slack")).Succeeded();

        (await home.HelixAsync("alerts", "remove", "slack")).Succeeded();
        (await home.HelixAsync("alerts", "test", "slack")).Failed(5, "slack");
        await IsNowhereToBeReadAsync(home);
    }

    private static Task<Ended> SetUpAsync(TempHome home, string secret, string channel, params string[] more) =>
        Launched.RunAsync(home.Command(["alerts", "setup", channel, .. more]) with { Input = secret + "\n" });

    /// <summary>Each channel has one message with the alert, and this is so of it.</summary>
    private static async Task<bool> IsOnEachAsync(TempHome home, Func<JsonNode, bool> isSo)
    {
        foreach (var channel in s_channels)
            if (await AboutAsync(home, channel) is not { } message || !isSo(message)) return false;
        return true;
    }

    /// <summary>How often each channel was tried in vain with the message; -1 where nobody answers.</summary>
    private static async Task<int[]> TriesAsync(TempHome home)
    {
        var tries = new List<int>();
        foreach (var channel in s_channels) tries.Add(await AboutAsync(home, channel) is { } message ? (int)message["tries"]! : -1);
        return [.. tries];
    }

    private static async Task<int> SentAsync(TempHome home, string channel) => (await MessagesAsync(home, channel)).Count(message => (string?)message["state"] == "sent");

    /// <summary>The one message that tells of wrong keys; null where there is none yet.</summary>
    private static async Task<JsonNode?> AboutAsync(TempHome home, string channel)
    {
        if ((await AskAsync(home, "alerts?state=open"))?["alerts"]!.AsArray().FirstOrDefault(alert => (string?)alert!["cause"] == "wrong_keys") is not { } known) return null;
        var id = (long)known["id"]!;
        return (await MessagesAsync(home, channel)).SingleOrDefault(message => message["alerts"]!.AsArray().Any(each => (long)each! == id));
    }

    private static async Task<JsonNode[]> MessagesAsync(TempHome home, string channel) => [.. ((await AskAsync(home, $"alerts/messages?channel={channel}&limit=1000"))?["messages"]!.AsArray() ?? new JsonArray()).Select(each => each!)];

    /// <returns>Null where nobody answers because one daemon follows another.</returns>
    private static async Task<JsonNode?> AskAsync(TempHome home, string path)
    {
        try
        {
            var answer = await home.Api.GetAsync($"/helix/v1/{path}");
            return answer.Status == 200 ? answer.Json : null;
        }
        catch (Exception away) when (away is HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static async Task IsNowhereToBeReadAsync(TempHome home)
    {
        foreach (var file in ((string[])["state", "logs", "auto-manager"]).Select(folder => Path.Combine(home.LocalLlm, folder)).Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)))
        {
            try
            {
                Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf("hidden-4711"u8) < 0, $"a secret stands in {file}");
            }
            catch (FileNotFoundException)
            {
                // the daemon wrote beside a file, and has moved it into its place since
            }
        }
    }
}
