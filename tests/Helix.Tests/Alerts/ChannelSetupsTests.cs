using System.Net;
using System.Text;
using Helix.Alerts;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Helix.Tests.Alerts;

/// <summary>What channels are set up with is kept, and nobody else reads it.</summary>
public sealed class ChannelSetupsTests : IDisposable
{
    private const string Hook = "https://hooks.slack.com/services/T0/B0/hidden-1";

    private readonly ChannelStage _stage = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_channel_is_silent_until_it_is_set_up_and_the_next_daemon_knows_it()
    {
        Assert.All(new[] { _stage.Mail, _stage.Slack, _stage.Discord, _stage.Webhook }, channel => Assert.Null(channel.Policy));
        Assert.False(Directory.Exists(_stage.Temporary.Home.State), "nothing was written for channels that nobody uses");

        _stage.SetUp(_stage.Slack, new() { Secret = Hook });
        _stage.SetUpMail(587, "starttls", "hidden-2");

        Assert.Equal(new ChannelPolicy("slack", Severity.Info, 1000), _stage.Slack.Policy);
        Assert.Equal(("hooks.slack.com", "ann@example.org by localhost:587 (STARTTLS)"), (_stage.Slack.Where, _stage.Mail.Where));
        var next = _stage.Anew();
        Assert.Equal(Hook, Assert.IsType<ChannelTarget.SlackHook>(next.Find("slack")).Address.Url.AbsoluteUri);
        Assert.Equal("hidden-2", Assert.IsType<ChannelTarget.Mail>(next.Find("email")).Login!.Password.Reveal());
        foreach (var file in Directory.EnumerateFiles(_stage.Temporary.Home.State))
        {
            Assert.DoesNotContain("hidden", await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task Without_the_key_it_was_sealed_with_a_channel_says_so_and_waits()
    {
        _stage.SetUp(_stage.Slack, new() { Secret = Hook });
        File.Delete(Path.Combine(_stage.Temporary.Home.State, "cloud.key"));
        var next = _stage.Anew();
        var slack = new SlackChannel(next, _stage.Web, () => _stage.Config);

        Assert.NotNull(slack.Policy);
        Assert.Contains("helix alerts setup slack", Assert.IsType<Delivery.Later>(await slack.SendAsync(AlertMessage.Test("h-1", "slack", DateTimeOffset.UnixEpoch, ""), Token)).Reason, StringComparison.Ordinal);
        Assert.Equal("cannot be read here", slack.Where);
    }

    [Fact]
    public void What_is_sealed_for_one_channel_opens_for_no_other()
    {
        _stage.SetUp(_stage.Slack, new() { Secret = Hook });
        var file = Path.Combine(_stage.Temporary.Home.State, "channels.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"slack\"", "\"discord\"", StringComparison.Ordinal));

        var next = _stage.Anew();

        Assert.True(next.IsSetUp("discord"));
        Assert.Null(next.Find("discord"));
    }

    [Fact]
    public void A_book_that_cannot_be_read_is_laid_aside()
    {
        _stage.SetUp(_stage.Slack, new() { Secret = Hook });
        var file = Path.Combine(_stage.Temporary.Home.State, "channels.json");
        File.WriteAllText(file, "{");

        Assert.False(_stage.Anew().IsSetUp("slack"));
        Assert.Equal("{", File.ReadAllText(file + ".unreadable"));
    }

    [Fact]
    public async Task Over_its_api_a_channel_is_set_up_tried_and_removed_and_no_answer_has_a_secret_in_it()
    {
        await using var receiver = await ReceiverStandIn.StartAsync(_ => new(200, "ok"));
        await using var house = new AlertHouse(TimeProvider.System, _stage.Slack);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        new ChannelEndpoints(_stage.Setups, house.Delivery, house.Messages, house.History.Append, TimeProvider.System).Map(app);
        new AlertSetupEndpoints(house.Watch, house.Rules, house.Delivery, house.Messages, house.Feed, house.Temporary.Home, TimeProvider.System).Map(app);
        await app.StartAsync(Token);
        await house.Watch.StartAsync(Token);
        await house.Delivery.StartAsync(Token);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = Eventually.Limit };

        Assert.Contains("not_found", await SendAsync(HttpMethod.Post, "test/slack", null, HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Contains("no channel pigeon", await SendAsync(HttpMethod.Put, "channels/pigeon", "{}", HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Contains("is missing", await SendAsync(HttpMethod.Put, "channels/slack", "{}", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", await SendAsync(HttpMethod.Put, "channels/slack", "{\"secret\":\"hidden\"}", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", await SendAsync(HttpMethod.Put, "channels/slack", "{\"secret\":[\"hidden\"]}", HttpStatusCode.BadRequest), StringComparison.Ordinal);

        var setUp = await SendAsync(HttpMethod.Put, "channels/slack", $"{{\"secret\":\"{receiver.Url}/services/hidden\"}}");
        Assert.Contains("slack is set up", setUp, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"sent\"", await SendAsync(HttpMethod.Post, "test/slack", null), StringComparison.Ordinal);
        var listed = await SendAsync(HttpMethod.Get, "channels", null);
        Assert.Contains($"\"where\":\"127.0.0.1:{receiver.Port}\"", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", setUp + listed, StringComparison.Ordinal);

        Assert.Contains("is forgotten", await SendAsync(HttpMethod.Delete, "channels/slack", null), StringComparison.Ordinal);
        Assert.Contains("is not set up", await SendAsync(HttpMethod.Delete, "channels/slack", null, HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Single(receiver.Got);
        await house.Delivery.StopAsync(CancellationToken.None);
        await house.Watch.StopAsync(CancellationToken.None);

        async Task<string> SendAsync(HttpMethod method, string path, string? body, HttpStatusCode status = HttpStatusCode.OK)
        {
            using var request = new HttpRequestMessage(method, $"/helix/v1/alerts/{path}") { Content = method == HttpMethod.Get ? null : new StringContent(body ?? "{}", Encoding.UTF8, "application/json") };
            using var answer = await client.SendAsync(request, Token);
            var text = await answer.Content.ReadAsStringAsync(Token);
            Assert.True(status == answer.StatusCode, $"{answer.StatusCode}: {text}");
            return text;
        }
    }

    [Fact]
    public async Task What_waits_for_a_channel_that_is_removed_is_not_sent_when_it_comes_back()
    {
        var channel = new FakeChannel("slack") { Answers = _ => new Delivery.Later("not now") };
        await using var house = new AlertHouse(null, channel);
        house.Happens("owner", "x");
        await house.PassAsync(TimeSpan.FromSeconds(12));

        Assert.Equal(1, Assert.IsType<Stored<int>.Ok>(await house.Messages.AbandonAsync("slack", "the channel was removed", house.Time.GetUtcNow())).Value);
        channel.Answers = _ => new Delivery.Sent();
        await house.PassAsync(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5));

        Assert.Empty(channel.Got);
    }

    [Fact]
    public async Task A_channel_that_is_set_up_anew_is_tried_at_once_whatever_it_waited_for()
    {
        var channel = new FakeChannel("slack") { Answers = _ => new Delivery.Later("too much", TimeSpan.FromMinutes(50)) };
        await using var house = new AlertHouse(TimeProvider.System, channel) { Policy = policy => policy with { Wait = TimeSpan.Zero } };
        await house.Watch.StartAsync(Token);
        await house.Delivery.StartAsync(Token);
        house.Happens("owner", "x");
        await Eventually.TrueAsync(() => house.Delivery.LaneOf("slack").Failures == 1);
        channel.Answers = _ => new Delivery.Sent();

        house.Delivery.Renew("slack");

        await Eventually.TrueAsync(() => channel.Got.Count == 1);
        await house.Delivery.StopAsync(CancellationToken.None);
        await house.Watch.StopAsync(CancellationToken.None);
    }
}
