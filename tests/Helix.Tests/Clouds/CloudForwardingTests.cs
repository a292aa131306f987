using System.Net;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Clouds;

/// <summary>The real gateway before a cloud on loopback, over real TLS.</summary>
public sealed class CloudForwardingTests : IAsyncLifetime
{
    private const string Ask = """{"model":"openai/gpt","max_tokens":5}""";
    private const string Sent = """{"model":"gpt","max_tokens":5}""";
    private const string Text = """{"choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null}]}""";

    private static readonly HelixConfig s_priced = HelixConfig.Default with { Cloud = new CloudConfig(Prices: ["openai/*=1/1"]) };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time, more: services => services.AddSingleton(FakeCloud.Trust));
        _host.Config = s_priced;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_request_goes_below_the_base_path_with_the_clouds_own_key_and_nothing_of_who_asks()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"ok":1}"""));
        _host.Fleet.Set(cloud.Model("gpt", "sk-secret"));

        using var response = await _host.PostAsync(Ask, more: request =>
        {
            request.Headers.Add("x-request-id", "mine-1");
            request.Headers.Add("Authorization", "Bearer whatever-clients-send");
        });

        Assert.Equal("""{"ok":1}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(("openai", "openai/gpt"), (response.Header("x-helix-provider"), response.Header("x-helix-model")));
        var seen = cloud.Requests.Single();
        Assert.Equal(Sent, seen.Body);
        Assert.Equal(
            ["POST /base/v1/chat/completions HTTP/1.1", $"host: {cloud.Address.Authority}", "user-agent: helix", "content-type: application/json", "authorization: Bearer sk-secret", $"content-length: {Sent.Length}"],
            seen.Head.Split("\r\n"));
    }

    [Fact]
    public async Task A_stream_passes_byte_by_byte_and_the_connection_is_used_again()
    {
        await using var cloud = new FakeCloud(talk => talk.StreamAsync(Text, Text));
        _host.Fleet.Set(cloud.Model("gpt"));

        for (var n = 0; n < 2; n++)
        {
            using var response = await _host.PostAsync("""{"model":"openai/gpt","stream":true,"max_tokens":5,"stream_options":{"include_usage":true}}""");
            Assert.Equal($"data: {Text}\n\ndata: {Text}\n\ndata: [DONE]\n\n", await response.Content.ReadAsStringAsync());
            await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        }

        Assert.Equal((2, 1), (cloud.Requests.Count, cloud.Connections));
    }

    [Fact]
    public async Task A_connection_that_was_idle_for_long_is_not_used_again()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(cloud.Model("gpt"));

        for (var n = 0; n < 2; n++)
        {
            using var response = await _host.PostAsync(Ask);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
            _time.Advance(TimeSpan.FromSeconds(31));
        }

        Assert.Equal((2, 2), (cloud.Requests.Count, cloud.Connections));
    }

    [Fact]
    public async Task One_that_says_nothing_is_not_waited_for_without_end()
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cloud = new FakeCloud(_ => over.Task);
        _host.Fleet.Set(cloud.Model("gpt"));

        var asking = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => !cloud.Requests.IsEmpty);
        await Eventually.TrueAsync(() => asking.IsCompleted, () => _time.Advance(TimeSpan.FromMinutes(1)));
        over.SetResult();
        using var response = await asking;

        Assert.Equal((504, "cloud_silent", (string?)null), await response.ErrorAsync());
    }

    [Fact]
    public async Task One_that_has_moved_is_not_followed()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("", 307, "Location: https://elsewhere.example/v1\r\n"));
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((502, "cloud_moved", (string?)null), await response.ErrorAsync());
        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task A_body_larger_than_any_buffer_arrives_whole()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(cloud.Model("gpt"));
        var body = $$"""{"model":"openai/gpt","max_tokens":5,"user":"{{new string('x', 200_000)}}"}""";

        using var response = await _host.PostAsync(body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body.Replace("openai/", "", StringComparison.Ordinal), cloud.Requests.Single().Body);
    }

    [Fact]
    public async Task A_connection_that_the_cloud_has_closed_is_not_used_again()
    {
        await using var cloud = new FakeCloud(async talk =>
        {
            await talk.JsonAsync("{}");
            await talk.HangUpAsync();
        });
        _host.Fleet.Set(cloud.Model("gpt"));

        for (var n = 1; n <= 2; n++)
        {
            using var response = await _host.PostAsync(Ask);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await Eventually.TrueAsync(() => cloud.Ended == n);
        }

        Assert.Equal((2, 2), (cloud.Requests.Count, cloud.Connections));
    }

    [Fact]
    public async Task One_whose_certificate_nobody_vouches_for_is_not_told_anything()
    {
        await using var plain = await GatewayHost.StartAsync();
        plain.Config = s_priced;
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        plain.Fleet.Set(cloud.Model("gpt"));

        using var response = await plain.PostAsync(Ask);

        Assert.Equal((502, "cloud_unreachable", (string?)null), await response.ErrorAsync());
        Assert.Contains("localhost cannot be trusted", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task One_whose_certificate_is_for_another_name_is_not_told_anything()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"), host: "127.0.0.1");
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((502, "cloud_unreachable", (string?)null), await response.ErrorAsync());
        Assert.Contains("127.0.0.1 cannot be trusted", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task One_that_says_more_than_its_answer_is_not_asked_over_the_same_connection_again()
    {
        await using var cloud = new FakeCloud(talk => talk.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n"));
        _host.Fleet.Set(cloud.Model("gpt"));

        for (var n = 0; n < 2; n++)
        {
            using var response = await _host.PostAsync(Ask);
            Assert.Equal("{}", await response.Content.ReadAsStringAsync());
            await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        }

        Assert.Equal((2, 2), (cloud.Requests.Count, cloud.Connections));
    }

    [Fact]
    public async Task A_key_that_is_not_accepted_is_told_in_other_words()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"error":{"message":"Incorrect API key provided: sk-se**et"}}""", 401));
        _host.Fleet.Set(cloud.Model("gpt", "sk-secret"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((502, CloudRefusal.KeyRefused, (string?)null), await response.ErrorAsync());
        Assert.DoesNotContain("sk-se", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"error":{"message":"no room for sk-secret","code":"rate_limit_exceeded"}}""", 429)]
    [InlineData("""{"error":{"message":"no room for sk-secret","code":"rate_limit_exceeded"}}""", 200)]
    public async Task A_refusal_is_told_without_the_key(string words, int status)
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(words, status, "Retry-After: 7\r\n"));
        _host.Fleet.Set(cloud.Model("gpt", "sk-secret"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(status == 200 ? 502 : status, (int)response.StatusCode);
        Assert.Equal("no room for (key)", (string?)(await response.JsonAsync())["error"]!["message"]);
        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task What_may_have_been_charged_is_not_sent_again()
    {
        await using var cloud = new FakeCloud(talk => talk.HangUpAsync());
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((502, "cloud_broke_off", (string?)null), await response.ErrorAsync());
        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task One_that_is_not_there_is_told_at_once()
    {
        var gone = new FakeCloud(talk => talk.JsonAsync("{}"));
        var model = gone.Model("gpt");
        await gone.DisposeAsync();
        _host.Fleet.Set(model);

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((502, "cloud_unreachable", (string?)null), await response.ErrorAsync());
    }

    [Fact]
    public async Task Offline_nothing_leaves_this_machine()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(cloud.Model("gpt"));
        using (var before = await _host.PostAsync(Ask)) Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        _host.Config = s_priced with { Network = new NetworkConfig(Offline: true) };
        using var response = await _host.PostAsync(Ask);

        Assert.Equal((502, "cloud_unreachable", (string?)null), await response.ErrorAsync());
        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task A_client_of_another_dialect_is_translated_for_it()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"""));
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync("""{"model":"openai/gpt","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}""", "/v1/messages");

        Assert.Equal("fine", (string?)(await response.JsonAsync())["content"]![0]!["text"]);
        Assert.StartsWith("POST /base/v1/chat/completions ", cloud.Requests.Single().Head, StringComparison.Ordinal);
    }
}
