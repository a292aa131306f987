using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Helix.Clouds;
using Helix.Contracts;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Clouds;

/// <summary>The real gateway before a cloud that costs one dollar for a million tokens in and ten for a million out.</summary>
public sealed class CloudTollTests : IAsyncLifetime
{
    private const string Ask = """{"model":"openai/gpt","max_tokens":1000}""";
    private const string AskStream = """{"model":"openai/gpt","stream":true,"max_tokens":1000}""";
    private const string Text = """{"choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null}]}""";
    private const string Usage = """{"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":50}}""";
    private const string Answer = """{"choices":[{"index":0,"message":{"content":"fine"}}],"usage":{"prompt_tokens":100,"completion_tokens":50}}""";

    /// <summary>Of such an answer: 100 tokens at 1, 50 at 10.</summary>
    private const decimal Cost = 0.0006m;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 30, 30, TimeSpan.Zero));
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time, services => services.AddSingleton(FakeCloud.Trust));
        Allow(5);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void The_prices_in_this_build_are_sound() => Assert.True(CloudPriceResource.Load().Count > 50);

    [Fact]
    public async Task What_it_took_is_accounted_for_and_the_rest_is_given_back()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Answer));
        _host.Fleet.Set(cloud.Model("gpt"));

        await AskAsync(Ask);
        await AskAsync(Ask);

        var row = await UsageAsync();
        Assert.Equal((2, 200, 100, 2 * Cost), ((int)row["requests"]!, (int)row["prompt_tokens"]!, (int)row["answer_tokens"]!, (decimal)row["cost_usd"]!));
        Assert.Equal(2 * Cost, await SpentAsync());
    }

    [Fact]
    public async Task A_model_without_a_price_is_not_asked_and_its_refusal_says_how_to_give_one()
    {
        _host.Config = HelixConfig.Default;
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Answer));
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((402, "no_price", "model"), await response.ErrorAsync());
        Assert.Contains("helix config set cloud.prices \"openai/gpt=IN/OUT\"", (string?)(await response.JsonAsync())["error"]!["message"], StringComparison.Ordinal);
        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task What_could_cost_more_than_is_left_is_not_sent_and_told_when_to_come_back()
    {
        Allow(0.01m);
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Answer));
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((429, "budget_exhausted", (string?)null), await response.ErrorAsync());
        // half past ten and half a minute
        Assert.Equal($"{(13 * 60 + 29) * 60 + 30}", response.Header("Retry-After"));
        Assert.Empty(cloud.Requests);
        Assert.Equal(0, await SpentAsync());
        await AskAsync("""{"model":"openai/gpt","max_tokens":100}""");
        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task What_is_being_answered_counts_with_all_that_it_may_cost()
    {
        Allow(0.015m);
        var answer = new TaskCompletionSource();
        await using var cloud = new FakeCloud(async talk =>
        {
            await answer.Task;
            await talk.JsonAsync(Answer);
        });
        _host.Fleet.Set(cloud.Model("gpt"));
        var first = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => !cloud.Requests.IsEmpty);

        using (var second = await _host.PostAsync(Ask)) Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        answer.SetResult();
        using (var response = await first) Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);

        await AskAsync(Ask);
        Assert.Equal(2, cloud.Requests.Count);
    }

    [Fact]
    public async Task Each_key_has_its_own_budget_of_the_whole()
    {
        Allow(5, perKey: 0.013m);
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"usage":{"prompt_tokens":10000,"completion_tokens":0}}"""));
        _host.Fleet.Set(cloud.Model("gpt"));
        var key = await KeyAsync("laptop");

        await AskAsync(Ask, key);
        using (var again = await _host.PostAsync(Ask, more: With(key)))
        {
            Assert.Equal((429, "budget_exhausted", (string?)null), await again.ErrorAsync());
            Assert.Contains("cloud.key_budget", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await AskAsync(Ask);
        await AskAsync(Ask, await KeyAsync("other"));
    }

    [Fact]
    public async Task The_next_day_is_another_one()
    {
        Allow(0.013m);
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"usage":{"prompt_tokens":10000,"completion_tokens":0}}"""));
        _host.Fleet.Set(cloud.Model("gpt"));
        await AskAsync(Ask);
        using (var response = await _host.PostAsync(Ask)) Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);

        _time.Advance(TimeSpan.FromHours(14));

        await AskAsync(Ask);
    }

    [Fact]
    public async Task A_stream_is_asked_what_it_took_and_a_client_that_did_not_ask_does_not_hear_it()
    {
        await using var cloud = new FakeCloud(talk => talk.StreamAsync(Text, Usage));
        _host.Fleet.Set(cloud.Model("gpt"));

        using (var response = await _host.PostAsync(AskStream)) Assert.Equal($"data: {Text}\n\ndata: [DONE]\n\n", await response.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);

        Assert.Equal("""{"model":"gpt","stream_options":{"include_usage":true},"stream":true,"max_tokens":1000}""", cloud.Requests.Single().Body);
        Assert.Equal(Cost, await SpentAsync());
    }

    [Fact]
    public async Task A_client_that_asked_what_its_stream_took_hears_it()
    {
        await using var cloud = new FakeCloud(talk => talk.StreamAsync(Text, Usage));
        _host.Fleet.Set(cloud.Model("gpt"));
        const string ask = """{"model":"openai/gpt","stream":true,"max_tokens":1000,"stream_options":{"include_usage":true}}""";

        using (var response = await _host.PostAsync(ask)) Assert.Equal($"data: {Text}\n\ndata: {Usage}\n\ndata: [DONE]\n\n", await response.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);

        Assert.Equal(ask.Replace("openai/", "", StringComparison.Ordinal), cloud.Requests.Single().Body);
        Assert.Equal(Cost, await SpentAsync());
    }

    [Fact]
    public async Task Where_nobody_tells_what_it_took_it_counts_as_all_that_it_might()
    {
        await using var cloud = new FakeCloud(talk => talk.StreamAsync(Text));
        _host.Fleet.Set(cloud.Model("gpt"));

        await AskAsync(AskStream);

        var most = CloudQuestion.Of(System.Text.Encoding.UTF8.GetBytes(AskStream)).MostAt(new CloudPrice(1, 10), hasAnswer: true);
        Assert.Equal(most.Dollars, await SpentAsync());
        Assert.Equal(most.Dollars, (decimal)(await UsageAsync())["cost_usd"]!);
    }

    [Fact]
    public async Task Of_a_usage_in_every_piece_the_last_counts()
    {
        await using var cloud = new FakeCloud(talk => talk.StreamAsync(
            """{"choices":[{"index":0,"delta":{"content":"fi"},"finish_reason":null}],"usage":{"prompt_tokens":100,"completion_tokens":1}}""",
            """{"choices":[{"index":0,"delta":{"content":"ne"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":50}}"""));
        _host.Fleet.Set(cloud.Model("gpt"));

        await AskAsync(AskStream);

        Assert.Equal(Cost, await SpentAsync());
    }

    [Fact]
    public async Task What_it_took_so_far_is_not_all_where_the_client_leaves()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cloud = new FakeCloud(async talk =>
        {
            var frame = """data: {"choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null}],"usage":{"prompt_tokens":1,"completion_tokens":1}}""" + "\n\n";
            await talk.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{frame.Length:x}\r\n{frame}\r\n");
            await left.Task;
        });
        _host.Fleet.Set(cloud.Model("gpt"));

        using (var response = await _host.PostAsync(AskStream))
        {
            await using var stream = await response.Content.ReadAsStreamAsync();
            Assert.True(await stream.ReadAsync(new byte[16]) > 0);
        }

        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        left.SetResult();
        var most = CloudQuestion.Of(System.Text.Encoding.UTF8.GetBytes(AskStream)).MostAt(new CloudPrice(1, 10), hasAnswer: true);
        Assert.Equal(most.Dollars, await SpentAsync());
    }

    [Fact]
    public async Task A_client_that_leaves_once_it_was_told_the_end_pays_what_it_took()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cloud = new FakeCloud(async talk =>
        {
            var frames = $"data: {Text}\n\ndata: {Usage}\n\ndata: [DONE]\n\n";
            await talk.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{frames.Length:x}\r\n{frames}\r\n");
            await left.Task;
        });
        _host.Fleet.Set(cloud.Model("gpt"));

        using (var response = await _host.PostAsync(AskStream))
        {
            await using var stream = await response.Content.ReadAsStreamAsync();
            Assert.True(await stream.ReadAsync(new byte[16]) > 0);
        }

        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        left.SetResult();
        Assert.Equal(Cost, await SpentAsync());
    }

    [Fact]
    public async Task What_breaks_off_after_it_was_sent_counts_and_what_is_refused_or_never_sent_does_not()
    {
        var refuses = true;
        var cloud = new FakeCloud(talk => refuses ? talk.JsonAsync("""{"error":{"message":"slow down"}}""", 429) : talk.HangUpAsync());
        _host.Fleet.Set(cloud.Model("gpt"));

        using (var refused = await _host.PostAsync(Ask)) Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(0, await SpentAsync());
        refuses = false;
        using (var broken = await _host.PostAsync(Ask)) Assert.Equal(HttpStatusCode.BadGateway, broken.StatusCode);
        var spent = await SpentAsync();
        Assert.InRange(spent, 0.011m, 0.012m);
        await cloud.DisposeAsync();
        using (var gone = await _host.PostAsync(Ask)) Assert.Equal(HttpStatusCode.BadGateway, gone.StatusCode);

        Assert.Equal(spent, await SpentAsync());
    }

    [Theory]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    [InlineData(408, true)]
    [InlineData(500, true)]
    [InlineData(502, true)]
    [InlineData(503, false)]
    [InlineData(524, true)]
    [InlineData(529, false)]
    public async Task What_may_have_been_worked_on_before_it_was_refused_counts(int status, bool isCharged)
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"error":{"message":"no"}}""", status));
        _host.Fleet.Set(cloud.Model("gpt"));

        (await _host.PostAsync(Ask)).Dispose();

        Assert.Equal(isCharged, await SpentAsync() > 0);
    }

    [Fact]
    public async Task Who_only_counts_tokens_does_not_pay_a_cloud()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Answer));
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync("""{"model":"openai/gpt","messages":[{"role":"user","content":"how long is this?"}]}""", "/v1/messages/count_tokens");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True((int)(await response.JsonAsync())["input_tokens"]! > 0);
        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task A_word_that_a_cloud_may_not_know_bounds_nothing_there()
    {
        Allow(0.1m);
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Answer));
        _host.Fleet.Set(cloud.Model("gpt"));

        using (var refused = await _host.PostAsync("""{"model":"openai/gpt","max_completion_tokens":1000}""")) Assert.Equal((429, "budget_exhausted", (string?)null), await refused.ErrorAsync());
        await AskAsync("""{"model":"openai/gpt","max_tokens":1000,"max_completion_tokens":1000}""");
    }

    [Fact]
    public async Task A_usage_beyond_all_measure_does_not_wrap_around()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"choices":[],"usage":{"prompt_tokens":9000000000000000000,"completion_tokens":9000000000000000000}}"""));
        _host.Fleet.Set(cloud.Model("gpt"));

        await AskAsync(Ask);

        Assert.Equal(11_000, await SpentAsync());
    }

    [Fact]
    public async Task What_costs_beside_the_tokens_is_refused_by_name()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Answer));
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync("""{"model":"openai/gpt","max_tokens":5,"web_search_options":{}}""");

        Assert.Equal((400, "cost_unknown", "web_search_options"), await response.ErrorAsync());
        Assert.Empty(cloud.Requests);
    }

    [Theory]
    [InlineData("/v1/images/generations")]
    [InlineData("/v1/images/edits")]
    [InlineData("/v1/images/variations")]
    [InlineData("/v1/audio/speech")]
    [InlineData("/v1/audio/transcriptions")]
    [InlineData("/v1/audio/translations")]
    [InlineData("/v1/moderations")]
    [InlineData("/v1/rerank")]
    public async Task What_is_not_paid_by_the_token_is_not_asked_of_a_cloud(string path)
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Answer));
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync("""{"model":"openai/gpt","prompt":"a cat"}""", path);

        Assert.Equal((400, "cost_unknown", "model"), await response.ErrorAsync());
        Assert.Empty(cloud.Requests);
    }

    private void Allow(decimal daily, decimal? perKey = null) =>
        _host.Config = HelixConfig.Default with { Cloud = new CloudConfig(daily, perKey, ["openai/gpt=1/10"]) };

    private static Action<HttpRequestMessage> With(string key) => request => request.Headers.Add("Authorization", $"Bearer {key}");

    private async Task AskAsync(string body, string? key = null)
    {
        using var response = await _host.PostAsync(body, more: key is null ? null : With(key));
        await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
    }

    private async Task<string> KeyAsync(string name)
    {
        using var owner = _host.Owner();
        using var made = await owner.PostAsJsonAsync("/helix/v1/keys", new CreateKeyRequest(name, ["infer"]), ApiJson.Default.CreateKeyRequest);
        return (await made.Content.ReadFromJsonAsync(ApiJson.Default.CreatedKey))!.Key;
    }

    private async Task<JsonObject> UsageAsync()
    {
        using var owner = _host.Owner();
        using var response = await owner.GetAsync("/helix/v1/usage?per=day");
        return (await response.JsonAsync())["rows"]!.AsArray().Single()!.AsObject();
    }

    /// <summary>After all that is under way.</summary>
    private async Task<decimal> SpentAsync()
    {
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        return await _host.SpentAsync(CloudToll.DayOf(_time.GetUtcNow()));
    }
}
