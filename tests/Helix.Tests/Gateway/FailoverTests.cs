using System.Net;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

public sealed class FailoverTests : IAsyncLifetime
{
    private const string Ask = """{"model":"m"}""";
    private const string AskStream = """{"model":"m","stream":true}""";
    private const string Role = """{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""";
    private const string Text = """{"choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null}]}""";

    private readonly FakeTimeProvider _time = new();
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task A_refusal_that_is_about_the_engine_goes_to_another(int status)
    {
        await using var full = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"message":"no"}}""", status));
        await using var free = _host.Engine("b", talk => talk.JsonAsync("""{"ok":1}"""));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal("""{"ok":1}""", await response.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.OK, "2"), (response.StatusCode, response.Header("x-helix-tries")));
        Assert.Single(full.Requests);
    }

    [Fact]
    public async Task A_refusal_that_is_about_the_request_is_final()
    {
        await using var one = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"code":"context_length_exceeded"}}""", 400));
        await using var two = _host.Engine("b", talk => talk.JsonAsync("""{"ok":1}"""));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(two.Requests);
    }

    [Fact]
    public async Task One_of_somebody_else_that_is_overloaded_is_not_asked_again_and_again()
    {
        await using var full = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"message":"the queue is full"}}""", 503, "Retry-After: 9\r\n"));
        var model = _host.Model("m", "a");
        _host.Fleet.Set(model with { Backends = [model.Backends[0] with { IsAttached = true }] });

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((503, "9"), ((int)response.StatusCode, response.Header("Retry-After")));
        Assert.Contains("the queue is full", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(full.Requests);
    }

    [Fact]
    public async Task A_very_long_refusal_is_a_refusal()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync($$$"""{"error":{"message":"{{{new string('x', 300_000)}}}"}}""", 422));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(422, (int)response.StatusCode);
        Assert.Equal(0, _host.Counters.Of("a").Faults);
    }

    [Fact]
    public async Task Where_all_refuse_the_first_ones_words_are_told()
    {
        await using var one = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"code":"one_is_full"}}""", 429, "Retry-After: 7\r\n"));
        await using var two = _host.Engine("b", talk => talk.JsonAsync("""{"error":{"code":"two_is_full"}}""", 429));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("7", response.Header("Retry-After"));
        Assert.Contains("one_is_full", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(two.Requests);
    }

    [Theory]
    [InlineData("""{"error":{"message":"out of memory"}}""")]
    [InlineData("""{"object":"error","message":"out of memory"}""")]
    public async Task An_error_under_a_status_of_success_is_an_error(string body)
    {
        await using var sick = _host.Engine("a", talk => talk.JsonAsync(body));
        await using var well = _host.Engine("b", talk => talk.JsonAsync("""{"ok":1}"""));
        _host.Fleet.Set(_host.Model("m", "a", "b"));
        using (var moved = await _host.PostAsync(Ask)) Assert.Equal("""{"ok":1}""", await moved.Content.ReadAsStringAsync());

        _host.Fleet.Set(_host.Model("m", "a"));
        using var response = await _host.PostAsync(Ask);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("out of memory", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"error":{"message":"out of memory","code":500}}""")]
    [InlineData(null)]
    public async Task A_stream_that_fails_after_its_first_frames_goes_to_another_without_a_trace(string? error)
    {
        await using var sick = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync(Role);
            if (error is null) talk.Die();
            else await talk.EventAsync(error);
        });
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Role, Text));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        using var response = await _host.PostAsync(AskStream);

        Assert.Equal($"data: {Role}\n\ndata: {Text}\n\ndata: [DONE]\n\n", await response.Content.ReadAsStringAsync());
        Assert.Equal("2", response.Header("x-helix-tries"));
    }

    [Fact]
    public async Task A_stream_that_does_not_begin_in_time_goes_to_another()
    {
        var left = new TaskCompletionSource();
        await using var slow = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.LeftAsync();
            left.SetResult();
        });
        await using var quick = _host.Engine("b", talk => talk.StreamAsync(Text));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        var asking = _host.PostAsync(AskStream);
        await Eventually.TrueAsync(() => asking.IsCompleted, () => _time.Advance(TimeSpan.FromSeconds(10)));
        using var response = await asking;

        Assert.Equal($"data: {Text}\n\ndata: [DONE]\n\n", await response.Content.ReadAsStringAsync());
        await left.Task.WaitAsync(Eventually.Limit);
        Assert.Equal(1, _host.Counters.Of("a").Faults);
    }

    [Fact]
    public async Task Where_nobody_else_could_do_it_a_slow_start_is_waited_for()
    {
        var go = new TaskCompletionSource();
        await using var slow = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await go.Task;
            await talk.EventAsync(Text);
            await talk.EndStreamAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        var asking = _host.PostAsync(AskStream);
        await Eventually.TrueAsync(() => slow.Requests.Count == 1);
        for (var minute = 0; minute < 60; minute++) _time.Advance(TimeSpan.FromMinutes(1));
        go.SetResult();
        using var response = await asking;

        Assert.Equal($"data: {Text}\n\ndata: [DONE]\n\n", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(Ask)]
    [InlineData(AskStream)]
    public async Task An_engine_that_has_not_begun_when_the_clients_time_is_over_is_hung_up_on(string ask)
    {
        var left = new TaskCompletionSource();
        await using var slow = _host.Engine("a", async talk =>
        {
            await talk.LeftAsync();
            left.SetResult();
        });
        await using var other = _host.Engine("b", talk => talk.JsonAsync("""{"ok":1}"""));
        _host.Fleet.Set(_host.Model("m", "a"));

        var asking = _host.PostAsync(ask, more: request => request.Headers.Add("x-helix-timeout", "2.5"));
        await Eventually.TrueAsync(() => slow.Requests.Count == 1);
        // another that comes meanwhile is asked no more: it could not be in time
        _host.Fleet.Set(_host.Model("m", "a", "b"));
        await Eventually.TrueAsync(() => asking.IsCompleted, () => _time.Advance(TimeSpan.FromSeconds(1)));
        using var response = await asking;

        Assert.Equal((504, "timeout", null), await response.ErrorAsync());
        await left.Task.WaitAsync(Eventually.Limit);
        Assert.Empty(other.Requests);
        Assert.Equal(0, _host.Counters.Of("a").Faults);
    }

    [Fact]
    public async Task An_answer_that_began_in_time_goes_on_beyond_it()
    {
        var go = new TaskCompletionSource();
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync(Text);
            await go.Task;
            await talk.EventAsync(Text);
            await talk.EndStreamAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(AskStream, more: request => request.Headers.Add("x-helix-timeout", "2.5"));
        var stream = await response.Content.ReadAsStreamAsync();
        Assert.Equal($"data: {Text}\n\n", await stream.EventAsync());
        _time.Advance(TimeSpan.FromSeconds(10));
        go.SetResult();

        Assert.Equal($"data: {Text}\n\n", await stream.EventAsync());
        Assert.Equal("data: [DONE]\n\n", await stream.EventAsync());
    }

    [Fact]
    public async Task A_stream_that_stops_in_the_middle_ends_in_an_error_frame()
    {
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync(Text);
            await talk.LeftAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(AskStream);
        var reading = response.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(() => reading.IsCompleted, () => _time.Advance(TimeSpan.FromSeconds(10)));

        Assert.StartsWith($"data: {Text}\n\ndata: {{\"error\":", await reading, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"engine_stalled\"", await reading, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", await reading, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_stream_that_goes_on_is_left_alone()
    {
        var step = new SemaphoreSlim(0);
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            for (var n = 0; n < 5; n++)
            {
                await talk.EventAsync(Text);
                await step.WaitAsync();
            }

            await talk.EndStreamAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(AskStream);
        var stream = await response.Content.ReadAsStreamAsync();
        for (var n = 0; n < 5; n++)
        {
            Assert.Equal($"data: {Text}\n\n", await stream.EventAsync());
            _time.Advance(TimeSpan.FromSeconds(200));
            step.Release();
        }

        Assert.Equal("data: [DONE]\n\n", await stream.EventAsync());
    }

    [Fact]
    public async Task One_that_fails_again_and_again_is_left_alone_until_a_trial_passes()
    {
        var sick = true;
        await using var one = _host.Engine("a", talk => sick ? talk.JsonAsync("{}", 500) : talk.JsonAsync("{}"));
        await using var two = _host.Engine("b", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        for (var n = 0; n < 10; n++) await AskAsync();
        Assert.Equal((Breaker.FailuresToOpen, 10), (one.Requests.Count, two.Requests.Count));

        sick = false;
        _time.Advance(TimeSpan.FromSeconds(2));
        await AskAsync();
        Assert.Equal((Breaker.FailuresToOpen + 1, 10), (one.Requests.Count, two.Requests.Count));
        Assert.Equal(default, _host.Counters.Of("a").Breaker);

        async Task AskAsync()
        {
            (await _host.PostAsync(Ask)).Dispose();
            await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        }
    }

    [Fact]
    public async Task Requests_that_are_under_way_together_are_spread()
    {
        var go = new TaskCompletionSource();
        Func<EngineTalk, Task> answer = async talk =>
        {
            await go.Task;
            await talk.JsonAsync("{}");
        };
        await using var one = _host.Engine("a", answer);
        await using var two = _host.Engine("b", answer);
        await using var three = _host.Engine("c", answer);
        _host.Fleet.Set(_host.Model("m", "a", "b", "c"));

        var asking = Enumerable.Range(0, 9).Select(_ => _host.PostAsync(Ask)).ToArray();
        await Eventually.TrueAsync(() => one.Requests.Count + two.Requests.Count + three.Requests.Count == 9);
        go.SetResult();
        foreach (var response in await Task.WhenAll(asking)) response.Dispose();

        Assert.Equal((3, 3, 3), (one.Requests.Count, two.Requests.Count, three.Requests.Count));
    }

    [Fact]
    public async Task Without_balance_the_others_are_for_trouble_only()
    {
        _host.Config = HelixConfig.Default with { Performance = new PerformanceConfig(LoadBalance: false) };
        var go = new TaskCompletionSource();
        await using var one = _host.Engine("a", async talk =>
        {
            await go.Task;
            await talk.JsonAsync("{}");
        });
        await using var two = _host.Engine("b", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        var asking = Enumerable.Range(0, 4).Select(_ => _host.PostAsync(Ask)).ToArray();
        await Eventually.TrueAsync(() => one.Requests.Count == 4);
        go.SetResult();
        foreach (var response in await Task.WhenAll(asking)) response.Dispose();

        Assert.Empty(two.Requests);
    }

    [Fact]
    public async Task A_request_that_kills_whoever_gets_it_does_not_get_to_all()
    {
        var engines = Enumerable.Range(0, 5).Select(n => _host.Engine($"e{n}", talk =>
        {
            talk.Die();
            return Task.CompletedTask;
        })).ToArray();
        _host.Fleet.Set(_host.Model("m", "e0", "e1", "e2", "e3", "e4"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((502, "engine_died", null), await response.ErrorAsync());
        Assert.Equal(2, engines.Sum(engine => engine.Requests.Count));
        foreach (var engine in engines) await engine.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_asks_why_is_told_where_a_request_would_go()
    {
        _host.Fleet.Set(_host.Model("m", "a", "b") with { Backends = [new("a", "builtin", "/a", "m") { Abilities = ModelAbilities.Chat }, new("b", "llamacpp", "/b", "m")] });

        var plain = await ExplainAsync("""{"model":"m"}""");
        var tools = await ExplainAsync("""{"model":"m","tools":[{}]}""");
        var unknown = await ExplainAsync("""{"model":"x"}""");

        Assert.Equal(("send", "m", "a"), ((string?)plain["outcome"], (string?)plain["model"], Chosen(plain)));
        Assert.Equal(("send", "m", "b"), ((string?)tools["outcome"], (string?)tools["model"], Chosen(tools)));
        Assert.Contains("cannot do", (string?)tools["candidates"]![0]!["passed_over"], StringComparison.Ordinal);
        Assert.Equal(("refuse", null), ((string?)unknown["outcome"], (string?)unknown["model"]));

        async Task<System.Text.Json.Nodes.JsonObject> ExplainAsync(string body)
        {
            using var owner = _host.Owner();
            using var response = await owner.PostAsync("/helix/v1/route/explain", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return await response.JsonAsync();
        }

        static string? Chosen(System.Text.Json.Nodes.JsonObject report) => (string?)report["candidates"]!.AsArray().Single(each => (bool)each!["chosen"]!)!["instance"];
    }
}
