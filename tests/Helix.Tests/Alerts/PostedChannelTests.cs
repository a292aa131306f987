using System.Text.Json.Nodes;
using Helix.Alerts;
using Helix.Clouds;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Core.Tests.Alerts;
using Helix.Storage;
using Helix.Tests.Clouds.Fakes;

namespace Helix.Tests.Alerts;

/// <summary>Slack, Discord and a webhook, as their receivers see them: they look at each message as strictly as those do, and answer as they do.</summary>
public sealed class PostedChannelTests : IDisposable
{
    private readonly ChannelStage _stage = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task An_incoming_webhook_of_Slack_has_a_message_and_its_end()
    {
        await using var slack = await ReceiverStandIn.StartAsync(got => PayloadRules.OfSlack(got.Text) is { } trouble ? new(400, $"invalid_blocks {trouble}") : new(200, "ok"));
        _stage.SetUp(_stage.Slack, new() { Secret = $"{slack.Url}/services/T0/B0/x" });
        await using var house = new AlertHouse(null, _stage.Slack);

        house.Happens("critical", "<!channel>", Severity.Critical);
        await house.PassAsync(TimeSpan.FromSeconds(15));
        house.Happens("ready", "<!channel>", Severity.Info, HistoryKind.State);
        await house.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(5));

        Assert.Equal(["POST /services/T0/B0/x", "POST /services/T0/B0/x"], slack.Got.Select(got => got.Path));
        Assert.Equal(["critical: critical of &lt;!channel&gt;", "resolved: critical of &lt;!channel&gt;"], slack.Got.Select(got => (string?)JsonNode.Parse(got.Text)!["text"]));
        Assert.Null(house.Delivery.LaneOf("slack").Trouble);
    }

    [Fact]
    public async Task A_bot_of_Slack_speaks_with_its_token_where_it_was_told_to()
    {
        var says = "{\"ok\":true}";
        await using var slack = await ReceiverStandIn.StartAsync(got => PayloadRules.OfSlack(got.Text) is null ? new(200, says) : new(200, "{\"ok\":false,\"error\":\"invalid_blocks\"}"));
        _stage.SetUp(_stage.Slack, new() { Secret = "xoxb-hidden", Place = "C0123", Url = $"{slack.Url}/api" });

        Assert.IsType<Delivery.Sent>(await SendAsync(_stage.Slack));
        says = "{\"ok\":false,\"error\":\"channel_not_found\"}";
        Assert.Contains("channel_not_found", Assert.IsType<Delivery.Refused>(await SendAsync(_stage.Slack)).Reason, StringComparison.Ordinal);

        var first = slack.Got.First();
        Assert.Equal(("POST /api/chat.postMessage", "Bearer xoxb-hidden", "application/json; charset=utf-8"), (first.Path, first.Headers["Authorization"], first.Headers["Content-Type"]));
        Assert.Equal("C0123", (string?)JsonNode.Parse(first.Text)!["channel"]);
    }

    [Fact]
    public async Task Discord_is_asked_to_confirm_and_waits_are_as_long_as_it_says()
    {
        var isBusy = true;
        await using var discord = await ReceiverStandIn.StartAsync(got =>
            isBusy ? new(429, "{\"message\": \"You are being rate limited.\", \"retry_after\": 40.5, \"global\": false}", ("Retry-After", "41"))
            : PayloadRules.OfDiscord(got.Text) is { } trouble ? new(400, trouble) : new(200, "{}"));
        _stage.SetUp(_stage.Discord, new() { Secret = $"{discord.Url}/api/webhooks/1/x" });
        await using var house = new AlertHouse(null, _stage.Discord);

        house.Happens("critical", "@everyone [x](https://evil.example)");
        await house.PassAsync(TimeSpan.FromSeconds(12));
        Assert.Single(discord.Got);
        isBusy = false;
        await house.PassAsync(TimeSpan.FromSeconds(38));
        Assert.Single(discord.Got);
        await house.PassAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(["POST /api/webhooks/1/x?wait=true", "POST /api/webhooks/1/x?wait=true"], discord.Got.Select(got => got.Path));
        Assert.Equal(discord.Got.First().Text, discord.Got.Last().Text);
        Assert.Null(house.Delivery.LaneOf("discord").Trouble);
    }

    [Fact]
    public async Task A_webhook_proves_whose_it_is_and_a_second_try_has_the_same_id()
    {
        var answers = new Queue<ReceiverReply>([new(503, "", ("Retry-After", "1")), new(204)]);
        await using var receiver = await ReceiverStandIn.StartAsync(_ => answers.Dequeue());
        _stage.SetUp(_stage.Webhook, new() { Url = $"{receiver.Url}/helix?x=1", Secret = "the key" });
        await using var house = new AlertHouse(null, _stage.Webhook);

        house.Happens("critical", "vllm-m");
        await house.PassAsync(TimeSpan.FromSeconds(20));

        Received[] got = [.. receiver.Got];
        Assert.Equal(2, got.Length);
        foreach (var each in got) Assert.Equal(WebhookPayload.Signature(new("the key"), each.Headers["Helix-Timestamp"], each.Body), each.Headers["Helix-Signature"]);
        Assert.Equal(got[0].Headers["Helix-Message-Id"], got[1].Headers["Helix-Message-Id"]);
        Assert.Equal(got[0].Headers["Helix-Message-Id"], (string?)JsonNode.Parse(got[1].Text)!["id"]);
        Assert.Equal("engine_down", (string?)JsonNode.Parse(got[1].Text)!["alerts"]![0]!["cause"]);
        Assert.Equal("POST /helix?x=1", got[1].Path);
    }

    [Fact]
    public async Task What_is_said_no_to_for_good_is_told_as_such_and_keeps_nothing_waiting()
    {
        var status = 404;
        await using var slack = await ReceiverStandIn.StartAsync(got => status == 404 ? new(404, $"Cannot {got.Path}") : new(200, "ok"));
        _stage.SetUp(_stage.Slack, new() { Secret = $"{slack.Url}/services/hidden" });
        await using var house = new AlertHouse(null, _stage.Slack);
        house.Happens("owner", "x");
        await house.PassAsync(TimeSpan.FromSeconds(12));
        status = 200;
        house.Happens("critical", "y");
        await house.PassAsync(TimeSpan.FromSeconds(12));

        Assert.Equal(2, slack.Got.Count);
        var failed = Assert.IsType<Stored<List<QueuedMessage>>.Ok>(await house.Messages.ListAsync("slack", 10)).Value.Single(queued => queued.State == MessageState.Failed);
        Assert.Contains("helix alerts setup slack", failed.Trouble, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", failed.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_somebody_sends_elsewhere_nobody_follows()
    {
        await using var other = await ReceiverStandIn.StartAsync(_ => new(200));
        await using var slack = await ReceiverStandIn.StartAsync(_ => new(307, "", ("Location", other.Url)));
        _stage.SetUp(_stage.Slack, new() { Secret = $"{slack.Url}/x" });

        Assert.IsType<Delivery.Refused>(await SendAsync(_stage.Slack));

        Assert.Empty(other.Got);
    }

    [Fact]
    public async Task Offline_nothing_leaves_this_machine_and_what_stays_on_it_is_told()
    {
        await using var here = await ReceiverStandIn.StartAsync(_ => new(200));
        _stage.Config = _stage.Config with { Network = _stage.Config.Network with { Offline = true } };
        _stage.SetUp(_stage.Slack, new() { Secret = $"{here.Url}/x" });
        _stage.SetUp(_stage.Discord, new() { Secret = "https://discord.invalid/api/webhooks/1/x" });

        Assert.IsType<Delivery.Sent>(await SendAsync(_stage.Slack));
        Assert.Contains("network.offline", Assert.IsType<Delivery.Later>(await SendAsync(_stage.Discord)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_there_or_cannot_be_trusted_is_tried_again()
    {
        using var nobody = new HeldPort();
        _stage.SetUp(_stage.Slack, new() { Secret = $"http://127.0.0.1:{nobody.Port}/services/hidden" });
        var gone = Assert.IsType<Delivery.Later>(await SendAsync(_stage.Slack));
        Assert.Contains("cannot be reached", gone.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", gone.Reason, StringComparison.Ordinal);

        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        _stage.SetUp(_stage.Discord, new() { Secret = $"https://localhost:{cloud.Address.Port}/api/webhooks/1/x" });
        Assert.IsType<Delivery.Sent>(await SendAsync(_stage.Discord));
        Assert.StartsWith("POST /api/webhooks/1/x?wait=true HTTP/1.1\r\n", cloud.Requests.First().Head, StringComparison.Ordinal);

        var dial = new CloudDial(new CloudTrust(null), CloudProxies.None, () => _stage.Config);
        using var web = new ChannelWeb(new CloudTrust(null), dial, TimeProvider.System);
        var suspicious = new DiscordChannel(_stage.Setups, web, () => _stage.Config);
        Assert.Contains("cannot be trusted", Assert.IsType<Delivery.Later>(await suspicious.SendAsync(AlertMessage.Test("h-1", "discord", DateTimeOffset.UnixEpoch, ""), Token)).Reason, StringComparison.Ordinal);
    }

    private static Task<Delivery> SendAsync(IAlertChannel channel) => channel.SendAsync(AlertMessage.Test("h-1", channel.Id, DateTimeOffset.UnixEpoch, "http://h/"), Token);
}
