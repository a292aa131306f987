using System.Net;
using System.Text;
using System.Text.Json;
using Helix.Alerts;
using Helix.Contracts;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Helix.Tests.Alerts;

/// <summary>helix's own API of alerts, over HTTP, with the loops of a daemon.</summary>
public sealed class AlertEndpointsTests : IAsyncLifetime
{
    private readonly FakeChannel _web = new("web");
    private readonly FakeChannel _mail = new("mail");
    private AlertHouse _house = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;
    private volatile bool _isSignedOut;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _house = new(TimeProvider.System, _web, _mail) { Policy = policy => policy with { Wait = TimeSpan.Zero, Pause = TimeSpan.Zero } };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        new AlertEndpoints(_house.Watch, _house.Table, new AlertStream(_house.Feed, _house.Messages, _ => () => !_isSignedOut, TimeProvider.System), () => "http://h/#alerts/", TimeProvider.System).Map(_app);
        new AlertSetupEndpoints(_house.Watch, _house.Rules, _house.Delivery, _house.Messages, _house.Feed, _house.Temporary.Home, TimeProvider.System).Map(_app);
        await _app.StartAsync(Token);
        await _house.Watch.StartAsync(Token);
        await _house.Delivery.StartAsync(Token);
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()), Timeout = Eventually.Limit };
    }

    public async ValueTask DisposeAsync()
    {
        await _house.Delivery.StopAsync(CancellationToken.None);
        await _house.Watch.StopAsync(CancellationToken.None);
        _client.Dispose();
        await _app.DisposeAsync();
        await _house.DisposeAsync();
    }

    [Fact]
    public async Task They_are_listed_shown_acknowledged_and_resolved()
    {
        _house.Happens("critical", "vllm-m", Severity.Critical);
        _house.Happens("owner", "/h/x");
        await Eventually.TrueAsync(async () => (await ListAsync()).Alerts.Count(alert => alert.Told.Count == 2) == 2, "both are told");

        Assert.Equal(["owner"], (await ListAsync("?type=security&severity=error&state=firing")).Alerts.Select(alert => alert.Cause));
        Assert.Equal(2, (await ListAsync()).Unacknowledged);
        var one = JsonSerializer.Deserialize(await _client.GetStringAsync("/helix/v1/alerts/1", Token), AlertApiJson.Default.AlertReport)!;
        Assert.Equal((AlertState.Firing, "critical of vllm-m", "http://h/#alerts/1"), (one.State, one.What, one.Link));
        Assert.Equal(["acknowledge", "silence", "resolve"], one.Actions);

        await DoneAsync(HttpMethod.Post, "/helix/v1/alerts/ack", """{"ids": [1], "by": "ann", "note": "I know"}""");
        await DoneAsync(HttpMethod.Post, "/helix/v1/alerts/silences", """{"for": "1h", "alert": 2}""");
        Assert.Equal(["silence", "resolve"], await ActionsAsync(1));
        Assert.Equal(["resolve"], await ActionsAsync(2));
        var list = await ListAsync();
        Assert.Equal([(2L, AlertState.Silenced), (1L, AlertState.Acknowledged)], list.Alerts.Select(alert => (alert.Id, alert.State)));
        Assert.Equal((2, 0), (list.Open, list.Unacknowledged));
        Assert.Equal([2L], (await ListAsync("?state=silenced")).Alerts.Select(alert => alert.Id));

        Assert.Contains("\"words\":\"security alerts owner about /h/x\"", await _client.GetStringAsync("/helix/v1/alerts/silences", Token), StringComparison.Ordinal);
        await DoneAsync(HttpMethod.Delete, "/helix/v1/alerts/silences/1", null);
        Assert.Equal("{\"silences\":[]}", await _client.GetStringAsync("/helix/v1/alerts/silences", Token));

        _house.Happens("ready", "vllm-m", Severity.Info, HistoryKind.State);
        await Eventually.TrueAsync(async () => (await ListAsync("?state=resolved")).Alerts.Count == 1, "it is resolved");
        Assert.Empty(await ActionsAsync(1));

        async Task<IReadOnlyList<string>> ActionsAsync(long id) =>
            JsonSerializer.Deserialize(await _client.GetStringAsync($"/helix/v1/alerts/{id}", Token), AlertApiJson.Default.AlertReport)!.Actions;
    }

    [Fact]
    public async Task One_that_is_resolved_by_hand_is_over_for_whoever_was_told_and_comes_as_another_when_it_happens_again()
    {
        _house.Happens("owner", "/h/x");
        await Eventually.TrueAsync(() => _web.Got.Count == 1, "it is told");

        await DoneAsync(HttpMethod.Post, "/helix/v1/alerts/resolve", """{"ids": [1], "by": "the dashboard", "note": "I own it"}""");
        await Eventually.TrueAsync(() => _web.Got.Count == 2, "its end is told");
        var over = Assert.Single((await ListAsync("?state=resolved")).Alerts);
        Assert.Equal((AlertState.Resolved, "resolved by the dashboard: I own it"), (over.State, over.End));
        Assert.Equal((0, 0), ((await ListAsync()).Open, (await ListAsync()).Unacknowledged));

        _house.Happens("owner", "/h/x");
        await Eventually.TrueAsync(async () => (await ListAsync()).Alerts is [{ Id: 2, State: AlertState.Firing }], "another one fires");
    }

    [Fact]
    public async Task Whoever_watches_has_each_message_once_and_whoever_comes_back_has_what_he_missed()
    {
        _house.Happens("owner", "a");
        await using (var first = await WatchAsync(""))
        {
            await Eventually.TrueAsync(() => _web.Got.Count == 1, "the first message");
        }

        _house.Happens("owner", "b");
        await Eventually.TrueAsync(() => _web.Got.Count == 2, "the second message");

        await using var all = await WatchAsync("?after=0");
        foreach (var title in (string[])["error: owner of a", "error: owner of b"]) Assert.Equal(title, (await all.MessageAsync()).Title);
        _house.Happens("owner", "c");
        Assert.Contains("owner of c", (await all.MessageAsync()).Text, StringComparison.Ordinal);

        await _house.Watch.StopAsync(Token);
        await all.EndAsync();
    }

    [Fact]
    public async Task Whoever_has_a_number_of_another_list_is_told_what_comes_from_now_on()
    {
        _house.Happens("owner", "a");
        await using (var first = await WatchAsync("?after=0")) await first.MessageAsync();

        await using var other = await WatchAsync("?after=5000");
        _house.Happens("owner", "b");

        Assert.Contains("owner of b", (await other.MessageAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_signed_out_is_told_nothing_more()
    {
        _house.Happens("owner", "a");
        await using var all = await WatchAsync("?after=0");
        Assert.Contains("owner of a", (await all.MessageAsync()).Text, StringComparison.Ordinal);

        _isSignedOut = true;
        _house.Happens("owner", "b");

        Assert.Equal("event: signed-out", await all.EndAsync());
    }

    [Fact]
    public async Task Whoever_missed_much_has_it_at_once()
    {
        await _house.Database.AskAsync(connection =>
        {
            for (var at = 0; at < 250; at++) MessageTable.Add(connection, AlertMessage.Test($"k-{at}", "web", DateTimeOffset.UnixEpoch, ""));
            return connection.Run("UPDATE alert_messages SET state = 1");
        });

        await using var all = await WatchAsync("?after=0");
        // less than the time between two signs of life
        await ReadAsync().WaitAsync(TimeSpan.FromSeconds(12), Token);

        async Task ReadAsync()
        {
            for (var at = 0; at < 250; at++) Assert.Equal($"k-{at}", (await all.MessageAsync()).Key);
        }
    }

    [Fact]
    public async Task A_channel_is_tried_out_through_its_queue()
    {
        Assert.Equal("{\"channel\":\"mail\",\"state\":\"sent\",\"message\":\"mail took the test message\"}", await TestAsync("mail"));
        Assert.True(Assert.Single(_mail.Got).IsTest);

        _mail.Answers = _ => new Delivery.Refused("no such address");
        Assert.Contains("\"state\":\"failed\",\"message\":\"mail refused the test message: no such address\"", await TestAsync("mail"), StringComparison.Ordinal);
        Assert.Contains("\"code\":\"not_found\"", await TestAsync("pigeon", HttpStatusCode.NotFound), StringComparison.Ordinal);

        var channels = JsonSerializer.Deserialize(await _client.GetStringAsync("/helix/v1/alerts/channels", Token), AlertApiJson.Default.ChannelList)!;
        Assert.Equal([("web", 0), ("mail", 1)], channels.Channels.Select(channel => (channel.Id, channel.Failed)));
        Assert.Contains("\"test\":true", await _client.GetStringAsync("/helix/v1/alerts/messages?channel=mail&limit=1", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_are_shown_and_changed_and_a_bad_one_changes_nothing()
    {
        const string Own = "rules:\n  - name: engine-down\n    on: false\n";
        var body = JsonSerializer.Serialize(new RulesRequest(Own), AlertApiJson.Default.RulesRequest);

        var changed = JsonSerializer.Deserialize(await SendAsync(HttpMethod.Put, "/helix/v1/alerts/rules", body), AlertApiJson.Default.RuleList)!;
        Assert.False(changed.Rules.Single(rule => rule.Name == "engine-down").On);
        Assert.Equal(Own, await File.ReadAllTextAsync(changed.File, Token));

        var refused = await SendAsync(HttpMethod.Put, "/helix/v1/alerts/rules", """{"text": "rules:\n  - nam: x\n"}""", HttpStatusCode.BadRequest);
        Assert.Contains("line 2: rules[0].nam", refused, StringComparison.Ordinal);
        Assert.Equal(Own, await File.ReadAllTextAsync(changed.File, Token));

        await SendAsync(HttpMethod.Put, "/helix/v1/alerts/rules", """{"text": ""}""");
        Assert.False(File.Exists(changed.File));
    }

    [Theory]
    [InlineData("GET", "/helix/v1/alerts?state=loud", null, 400, "there is no state")]
    [InlineData("GET", "/helix/v1/alerts?type=pain", null, 400, "there is no type")]
    [InlineData("GET", "/helix/v1/alerts?severity=bad", null, 400, "there is no severity")]
    [InlineData("GET", "/helix/v1/alerts?since=soon", null, 400, "is not so long ago")]
    [InlineData("GET", "/helix/v1/alerts?limit=0", null, 400, "whole number")]
    [InlineData("GET", "/helix/v1/alerts/77", null, 404, "there is no alert 77")]
    [InlineData("GET", "/helix/v1/alerts/messages?limit=many", null, 400, "whole number")]
    [InlineData("GET", "/helix/v1/alerts/watch?after=x", null, 400, "no number of a message")]
    [InlineData("POST", "/helix/v1/alerts/ack", "{", 400, "not what is expected")]
    [InlineData("POST", "/helix/v1/alerts/ack", "null", 400, "null")]
    [InlineData("POST", "/helix/v1/alerts/ack", "{}", 400, "neither ids nor all")]
    [InlineData("POST", "/helix/v1/alerts/ack", "{\"ids\":[1],\"all\":true}", 400, "both ids and all")]
    [InlineData("POST", "/helix/v1/alerts/ack", "{\"ids\":[\"one\"]}", 400, "not what is expected")]
    [InlineData("POST", "/helix/v1/alerts/ack", "{\"ids\":[77]}", 404, "no open alert has the number 77")]
    [InlineData("POST", "/helix/v1/alerts/resolve", "{}", 400, "not what is expected")]
    [InlineData("POST", "/helix/v1/alerts/resolve", "{\"ids\":null}", 400, "not what is expected")]
    [InlineData("POST", "/helix/v1/alerts/resolve", "{\"ids\":[]}", 400, "no id is said")]
    [InlineData("POST", "/helix/v1/alerts/resolve", "{\"ids\":[77]}", 404, "no open alert has the number 77")]
    [InlineData("POST", "/helix/v1/alerts/silences", "{\"alert\":1}", 400, "not what is expected")]
    [InlineData("POST", "/helix/v1/alerts/silences", "{\"for\":\"long\",\"type\":\"health\"}", 400, "a span of time")]
    [InlineData("POST", "/helix/v1/alerts/silences", "{\"for\":\"1h\"}", 400, "a silence of everything is none")]
    [InlineData("POST", "/helix/v1/alerts/silences", "{\"for\":\"1h\",\"type\":\"pain\"}", 400, "not what is expected")]
    [InlineData("POST", "/helix/v1/alerts/silences", "{\"for\":\"1h\",\"alert\":77}", 404, "no open alert has the number 77")]
    [InlineData("DELETE", "/helix/v1/alerts/silences/77", null, 404, "there is no silence 77")]
    [InlineData("PUT", "/helix/v1/alerts/rules", "{}", 400, "not what is expected")]
    public async Task Bad_input_is_refused_with_what_is_wrong(string method, string path, string? body, int status, string words) =>
        Assert.Contains(words, await SendAsync(new HttpMethod(method), path, body, (HttpStatusCode)status), StringComparison.Ordinal);

    [Fact]
    public async Task A_body_without_end_is_refused() =>
        Assert.Contains("longer than 64 KiB", await SendAsync(HttpMethod.Post, "/helix/v1/alerts/ack", $"{{\"note\":\"{new string('x', 100_000)}\"}}", HttpStatusCode.RequestEntityTooLarge), StringComparison.Ordinal);

    private async Task<AlertList> ListAsync(string query = "") => JsonSerializer.Deserialize(await _client.GetStringAsync("/helix/v1/alerts" + query, Token), AlertApiJson.Default.AlertList)!;

    private Task<string> TestAsync(string channel, HttpStatusCode status = HttpStatusCode.OK) => SendAsync(HttpMethod.Post, $"/helix/v1/alerts/test/{channel}", "{}", status);

    private async Task DoneAsync(HttpMethod method, string path, string? body) => Assert.StartsWith("{\"message\":", await SendAsync(method, path, body), StringComparison.Ordinal);

    private async Task<string> SendAsync(HttpMethod method, string path, string? body, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await _client.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(status == answer.StatusCode, $"{answer.StatusCode}: {text}");
        return text;
    }

    private async Task<Watching> WatchAsync(string query)
    {
        var answer = await _client.GetAsync("/helix/v1/alerts/watch" + query, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new(answer, new StreamReader(await answer.Content.ReadAsStreamAsync(Token)));
    }

    private sealed class Watching(HttpResponseMessage answer, StreamReader reader) : IAsyncDisposable
    {
        public async Task<MessageReport> MessageAsync()
        {
            var isMessage = false;
            while (await reader.ReadLineAsync(Token) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal)) isMessage = line == "event: message";
                else if (isMessage && line.StartsWith("data: ", StringComparison.Ordinal)) return JsonSerializer.Deserialize(line[6..], AlertApiJson.Default.MessageReport)!;
            }

            throw new EndOfStreamException("the watch ended");
        }

        /// <summary>A daemon that leaves ends it.</summary>
        /// <returns>The last event that was named; empty for none. What is told of meanwhile fails it.</returns>
        public async Task<string> EndAsync()
        {
            var last = "";
            while (await reader.ReadLineAsync(Token) is { } line)
            {
                Assert.NotEqual("event: message", line);
                if (line.StartsWith("event: ", StringComparison.Ordinal)) last = line;
            }

            return last;
        }

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            answer.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
