using System.Net;
using System.Text;
using Helix.Tests.Gateway.Fakes;

namespace Helix.Tests.Gateway;

public sealed class ForwardingTests : IAsyncLifetime
{
    private const string Ask = """{"messages":[],"model":"m"}""";
    private const string AskStream = """{"model":"m","stream":true}""";

    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_body_reaches_the_engine_unchanged_but_for_the_models_name()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"ok":1}"""));
        var model = _host.Model("m", "a");
        _host.Fleet.Set(model with { Backends = [model.Backends[0] with { UpstreamModel = "weights.gguf" }] });

        using var response = await _host.PostAsync("""{ "unknown": [1.50, "é"], "model" : "m" , "n":1e2}""", "/v1/completions", request => request.Headers.Add("x-request-id", "mine-1"));

        Assert.Equal("""{"ok":1}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(("mine-1", "builtin", "m", null), (response.Header("x-request-id"), response.Header("x-helix-provider"), response.Header("x-helix-model"), response.Header("x-helix-selftest")));
        var seen = engine.Requests.Single();
        Assert.Equal("""{ "unknown": [1.50, "é"], "model" : "weights.gguf" , "n":1e2}""", seen.Body);
        Assert.StartsWith("POST /v1/completions HTTP/1.1\r\n", seen.Head, StringComparison.Ordinal);
        Assert.Contains("x-request-id: mine-1", seen.Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_larger_than_any_buffer_arrives_whole()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a"));
        var text = new string('x', 3 << 20);

        using var response = await _host.PostAsync($$"""{"prompt":"{{text}}","model":"auto"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal($$"""{"prompt":"{{text}}","model":"m"}""", engine.Requests.Single().Body);
    }

    [Fact]
    public async Task An_event_arrives_before_the_next_is_made()
    {
        var next = new SemaphoreSlim(0);
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            for (var n = 0; n < 3; n++)
            {
                await talk.EventAsync($"{n}");
                await next.WaitAsync(Eventually.Limit);
            }

            await talk.EndStreamAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(AskStream);
        var stream = await response.Content.ReadAsStreamAsync();

        for (var n = 0; n < 3; n++)
        {
            Assert.Equal($"data: {n}\n\n", await stream.EventAsync());
            next.Release();
        }

        Assert.Equal("data: [DONE]\n\n", await stream.EventAsync());
        Assert.Equal("", await stream.EventAsync());
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.NotNull(_host.Counters.Of("a").SinceOutput);
    }

    [Fact]
    public async Task A_client_that_leaves_is_noticed_by_the_engine_at_once()
    {
        var left = new TaskCompletionSource();
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync("one");
            await talk.LeftAsync();
            left.SetResult();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        var response = await _host.PostAsync(AskStream);
        await (await response.Content.ReadAsStreamAsync()).EventAsync();
        response.Dispose();

        await left.Task.WaitAsync(Eventually.Limit);
        await Eventually.TrueAsync(() => _host.Counters is { InFlight: 0 } && _host.Counters.Of("a").InFlight == 0);
    }

    [Fact]
    public async Task A_client_that_leaves_before_the_first_byte_is_noticed_too()
    {
        var left = new TaskCompletionSource();
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.LeftAsync();
            left.SetResult();
        });
        _host.Fleet.Set(_host.Model("m", "a"));
        using var leave = new CancellationTokenSource();

        var asking = _host.PostAsync(Ask, cancellationToken: leave.Token);
        await Eventually.TrueAsync(() => !engine.Requests.IsEmpty);
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await left.Task.WaitAsync(Eventually.Limit);
        Assert.Single(engine.Requests);
    }

    [Fact]
    public async Task An_engine_that_dies_in_mid_stream_ends_in_a_typed_error_after_whole_events_only()
    {
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.ChunkAsync("data: whole\n\ndata: ha");
            await talk.ChunkAsync("lf");
            talk.Die();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(AskStream);
        var text = await response.Content.ReadAsStringAsync();

        Assert.StartsWith("data: whole\n\ndata: {\"error\":{\"message\":\"", text, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"upstream_error\"", text, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"engine_died\"", text, StringComparison.Ordinal);
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("half", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_just_stops_without_framing_counts_as_dead()
    {
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n");
            talk.Die();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(AskStream);

        Assert.Contains("engine_died", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_dies_within_a_plain_answer_breaks_the_connection()
    {
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"half\":");
            talk.Die();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask);

        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_engine_that_dies_before_the_first_byte_hands_over_to_another()
    {
        await using var weak = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            talk.Die();
        });
        await using var strong = _host.Engine("b", talk => talk.StreamAsync("fine"));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        using var response = await _host.PostAsync(AskStream);

        Assert.Equal("data: fine\n\ndata: [DONE]\n\n", await response.Content.ReadAsStringAsync());
        Assert.Single(weak.Requests);
    }

    [Fact]
    public async Task A_request_on_which_the_engine_dies_twice_is_given_up()
    {
        await using var engine = _host.Engine("a", talk =>
        {
            talk.Die();
            return Task.CompletedTask;
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((502, "engine_died", null), await response.ErrorAsync());
        Assert.Equal(2, engine.Requests.Count);
        await Eventually.TrueAsync(() => _host.Counters.Errors == 1, "the error to be counted");
    }

    [Fact]
    public async Task An_engine_that_takes_no_connections_yet_is_waited_for()
    {
        _host.Fleet.Set(_host.Model("m", "a"));

        var asking = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => _host.Fleet.Wanted.Contains("m"));
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        using var response = await asking;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task An_engine_that_still_loads_its_model_is_waited_for()
    {
        var loading = true;
        await using var engine = _host.Engine("a", talk => Interlocked.Exchange(ref loading, false)
            ? talk.JsonAsync("""{"error":{"code":"model_not_ready"}}""", 503, "Retry-After: 1\r\n")
            : talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, engine.Requests.Count);
    }

    [Fact]
    public async Task An_engines_refusal_is_passed_on_with_the_requests_id()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"code":"queue_full"}}""", 429, "Retry-After: 3\r\nServer: x\r\nSet-Cookie: a=b\r\n"));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(AskStream);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(0, _host.Counters.Of("a").Faults);
        Assert.Equal($$"""{"error":{"code":"queue_full"},"request_id":"{{response.Header("x-request-id")}}"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("3", response.Header("Retry-After"));
        Assert.Null(response.Header("Server"));
        Assert.Null(response.Header("Set-Cookie"));
    }

    [Theory]
    [InlineData("""{"detail":"prompt is too long"}""", "prompt is too long")]
    [InlineData("Internal Server Error\n", "Internal Server Error")]
    [InlineData("", "no words")]
    public async Task A_refusal_in_a_shape_of_its_own_is_put_into_OpenAIs(string body, string words)
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync(body, 500));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((500, "engine_refused", null), await response.ErrorAsync());
        Assert.Equal((1, 1), (_host.Counters.Of("a").Requests, _host.Counters.Of("a").Faults));
        Assert.Contains(words, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_are_kept_and_one_that_was_closed_meanwhile_harms_nobody()
    {
        var close = false;
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.JsonAsync("{}");
            if (close) talk.Die();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        for (var n = 0; n < 6; n++)
        {
            close = n >= 3;
            using var response = await _host.PostAsync(Ask);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.ReadAsStringAsync();
            if (n == 2) Assert.Equal(1, engine.Connections);
        }
    }

    [Fact]
    public async Task A_huge_answer_comes_through_whole()
    {
        var json = $$"""{"text":"{{new string('y', 8 << 20)}}"}""";
        await using var engine = _host.Engine("a", talk => talk.JsonAsync(json));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(json, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Eight_clients_at_once_each_get_their_own_answer()
    {
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            for (var n = 0; n < 50; n++) await talk.ChunkAsync($"data: {talk.Body.Length}-{n}\n\n");
            await talk.EndStreamAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async client =>
        {
            for (var round = 0; round < 5; round++)
            {
                var body = $$"""{"model":"m","stream":true,"x":"{{new string('x', client)}}"}""";
                using var response = await _host.PostAsync(body);
                var expected = string.Concat(Enumerable.Range(0, 50).Select(n => $"data: {body.Length}-{n}\n\n")) + "data: [DONE]\n\n";
                Assert.Equal(expected, await response.Content.ReadAsStringAsync());
            }
        }));

        Assert.Equal(40, _host.Counters.Requests);
        Assert.Equal(40, _host.Counters.Of("a").Requests);
    }

    [Fact]
    public async Task The_self_test_answers_auto_with_its_label()
    {
        await using var engine = _host.Engine("a", talk => talk.StreamAsync("self-test"));
        _host.Fleet.Set(_host.Model("helix-selftest", "a") with { IsSelfTest = true });

        using var response = await _host.PostAsync("""{"stream":true,"messages":[]}""");

        Assert.Equal("true", response.Header("x-helix-selftest"));
        Assert.Equal("helix-selftest", response.Header("x-helix-model"));
        Assert.Equal("""{"model":"helix-selftest","stream":true,"messages":[]}""", engine.Requests.Single().Body);
    }

    [Fact]
    public async Task A_model_with_a_name_beyond_ascii_is_served()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("größe", "a"));

        using var response = await _host.PostAsync("""{"model":"größe"}""");

        Assert.Equal("gr%C3%B6%C3%9Fe", response.Header("x-helix-model"));
        Assert.Equal(Encoding.UTF8.GetByteCount("""{"model":"größe"}"""), Encoding.UTF8.GetByteCount(engine.Requests.Single().Body));
    }
}
