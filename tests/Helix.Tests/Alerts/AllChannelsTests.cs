using System.Text.Json.Nodes;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Core.Tests.Alerts;

namespace Helix.Tests.Alerts;

/// <summary>All types of alert on all channels that lead out of the machine, to receivers that are as strict as the real ones; the clock is the test's.</summary>
public sealed class AllChannelsTests : IAsyncLifetime
{
    private const int Each = 200;

    private static readonly string[] s_five = ["engine_down", "requests-fail", "owner", "disk_low", "update"];

    private readonly ChannelStage _stage = new();
    private readonly FakeChannel _web = new("web");
    private readonly MailStandIn _mail = MailStandIn.Started(new MailRules());
    private ReceiverStandIn _slack = null!;
    private ReceiverStandIn _discord = null!;
    private ReceiverStandIn _webhook = null!;
    private AlertHouse _house = null!;

    public async ValueTask InitializeAsync()
    {
        _slack = await ReceiverStandIn.StartAsync(got => PayloadRules.OfSlack(got.Text) is { } trouble ? new(400, trouble) : new(200, "ok"));
        _discord = await ReceiverStandIn.StartAsync(got => PayloadRules.OfDiscord(got.Text) is { } trouble ? new(400, trouble) : new(200, "{}"));
        _webhook = await ReceiverStandIn.StartAsync(_ => new(204));
        _stage.SetUpMail(_mail.Port, "none");
        _stage.SetUp(_stage.Slack, new() { Secret = $"{_slack.Url}/services/T0/B0/x" });
        _stage.SetUp(_stage.Discord, new() { Secret = $"{_discord.Url}/api/webhooks/1/x" });
        _stage.SetUp(_stage.Webhook, new() { Url = $"{_webhook.Url}/helix", Secret = "the key" });
        _house = new(null, _web, _stage.Mail, _stage.Slack, _stage.Discord, _stage.Webhook);
        var rules = _house.Temporary.Home.AlertRules;
        Directory.CreateDirectory(Path.GetDirectoryName(rules)!);
        await File.WriteAllTextAsync(rules, "rules:\n  - name: requests-fail\n    for: 1s\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        await _mail.DisposeAsync();
        foreach (var receiver in new[] { _slack, _discord, _webhook }) await receiver.DisposeAsync();
        _stage.Dispose();
    }

    [Fact]
    public async Task Each_type_is_one_message_on_each_channel_however_often_it_is_seen_and_so_is_its_end()
    {
        Fails(50);
        for (var second = 0; second < 5; second++)
        {
            _house.Happens("critical", "vllm-m", Severity.Critical);
            _house.Happens("owner", "/h/x");
            _house.Happens("disk_low", null);
            _house.Happens("update_failed", "vllm 2");
            await _house.PassAsync(TimeSpan.FromSeconds(1));
        }

        await _house.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(s_five.Order(), (await _house.ListAsync(new(OnlyOpen: true))).Select(alert => alert.Family).Order());
        Assert.Equal(AlertNames.Types.Order(), (await _house.ListAsync(new(OnlyOpen: true))).Select(alert => alert.Type.Word()).Order());
        Assert.Equal(5L, (await _house.ListAsync()).Single(alert => alert.Family == "owner").Count);
        AreTold("firing", s_five);

        _house.Happens("ready", "vllm-m", Severity.Info, HistoryKind.State);
        _house.History.Append(new(_house.Time.GetUtcNow(), HistoryKind.Security, Severity.Info, null, "/h/x", "cleared", "owner: it is well") { Data = "{\"finding\":\"owner\"}" });
        _house.Happens("disk_enough", null, Severity.Info, HistoryKind.Cleanup);
        _house.Happens("kept", "vllm 3", Severity.Info, HistoryKind.Update);
        Fails(0);
        await _house.PassAsync(TimeSpan.FromMinutes(4));

        Assert.Empty(await _house.ListAsync(new(OnlyOpen: true)));
        AreTold("firing", s_five);
        AreTold("resolved", s_five);
        IsOnEach(_web.Got.Count);
    }

    [Fact]
    public async Task A_thousand_happenings_of_five_causes_are_one_message_on_each_channel_and_a_thousand_in_the_list()
    {
        string[] causes = ["critical", "model_damaged", "owner", "permissions", "foreign_process"];
        for (var tenth = 0; tenth < 100; tenth++)
        {
            for (var at = 0; at < 10; at++) _house.Happens(causes[at % causes.Length], $"s{tenth}-{at}");
            if (tenth % 3 == 0) await _house.Watch.TurnAsync();
            _house.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        await _house.PassAsync(TimeSpan.FromMinutes(2));

        var open = await _house.ListAsync(new(OnlyOpen: true));
        Assert.Equal(causes.Length * Each, open.Count);
        Assert.Equal(causes.Length, open.CountBy(alert => alert.Family).Count(family => family.Value == Each));
        Assert.Equal(open.Count, Assert.Single(_web.Got).Firing);
        IsOnEach(1);
        Assert.Equal(open.Count, (int)JsonNode.Parse(_webhook.Got.Single().Text)!["firing"]!);
        Assert.Contains("1000 alerts", (string?)JsonNode.Parse(_slack.Got.Single().Text)!["text"], StringComparison.Ordinal);
        Assert.Contains("1000 alerts", (string?)JsonNode.Parse(_discord.Got.Single().Text)!["content"], StringComparison.Ordinal);
        Assert.All(open, alert => Assert.Equal(5, alert.ToldTo.Length));
    }

    private void Fails(int percent) => _house.Sample = AlertSample.Nothing with { Values = [new(AlertMeasure.FailedPercent, null, "m", percent, $"{percent} of 100 requests failed")] };

    /// <summary>Once each, to whoever counts; the others have as many messages, and none was refused.</summary>
    private void AreTold(string state, string[] families)
    {
        Assert.Equal(families.Order(), _web.Got.SelectMany(message => message.Entries).Where(entry => (entry.Kind == NoteKind.Resolved ? "resolved" : "firing") == state).Select(entry => entry.Cause).Order());
        Assert.Equal(
            families.Order(),
            _webhook.Got.SelectMany(got => JsonNode.Parse(got.Text)!["alerts"]!.AsArray()).Where(alert => (string?)alert!["state"] == state).Select(alert => (string)alert!["cause"]!).Order());
        IsOnEach(_web.Got.Count);
    }

    private void IsOnEach(int messages)
    {
        Assert.Equal((messages, messages, messages, messages), (_mail.Got.Count, _slack.Got.Count, _discord.Got.Count, _webhook.Got.Count));
        foreach (var channel in _house.Channels) Assert.Null(_house.Delivery.LaneOf(channel.Id).Trouble);
    }
}
