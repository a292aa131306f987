using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using Helix.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Gateway;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Clouds;

/// <summary>The real gateway before a cloud that speaks Anthropic's words, and costs one dollar for a million tokens in and ten for a million out.</summary>
public sealed class AnthropicCloudTests : IAsyncLifetime
{
    private const string Own = "/v1/messages";

    /// <summary>What no engine here could be asked.</summary>
    private const string AskOwn = """{"model":"anthropic/claude","max_tokens":1000,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"thinking":{"type":"adaptive"},"messages":[{"role":"user","content":[{"type":"search_result","source":"a","title":"t","content":[{"type":"text","text":"x"}]}]}],"temperature":0}""";
    private const string Ask = """{"model":"anthropic/claude","max_tokens":1000,"messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}]}""";
    private const string AskStream = """{"model":"anthropic/claude","max_tokens":1000,"messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}""";

    /// <summary>Took 100 tokens that were read, 200 that are kept for an hour, 300 that were found and 50 that were written: 100 + 2 × 200 + 300 at 1, 50 at 10.</summary>
    private const string Message = """{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"fine","citations":[{"type":"char_location"}]}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":100,"cache_creation_input_tokens":200,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":200},"cache_read_input_tokens":300,"output_tokens":50}}""";
    private const decimal Cost = 0.0013m;

    private const string Start = """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"usage":{"input_tokens":100,"cache_creation_input_tokens":200,"cache_creation":{"ephemeral_1h_input_tokens":200},"cache_read_input_tokens":300,"output_tokens":1}}}""";
    private const string Begin = """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""";
    private const string Ping = """{"type":"ping"}""";
    private const string Text = """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"fine"}}""";
    private const string End = """{"type":"content_block_stop","index":0}""";
    private const string Last = """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":50}}""";
    private const string Stop = """{"type":"message_stop"}""";
    private const string Overloaded = """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_theirs"}""";

    private static readonly string[] s_events = [Start, Begin, Ping, Text, End, Last, Stop];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 30, 30, TimeSpan.Zero));
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time, services => services.AddSingleton(FakeCloud.Trust));
        _host.Config = HelixConfig.Default with { Cloud = new CloudConfig(5, null, ["anthropic/*=1/10"]) };
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_client_that_speaks_them_passes_through_with_nothing_of_who_asks()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Message));
        _host.Fleet.Set(cloud.Claude("claude", "sk-secret"));

        using var response = await _host.PostAsync(AskOwn, Own, request =>
        {
            request.Headers.Add("x-api-key", "whatever-clients-send");
            request.Headers.Add("x-request-id", "mine-1");
            request.Headers.Add("anthropic-version", "2023-06-01");
            request.Headers.Add("anthropic-beta", "interleaved-thinking-2025-05-14,fast-mode-2026-02-01");
        });

        Assert.Equal(Message, await response.Content.ReadAsStringAsync());
        Assert.Equal(("anthropic", "anthropic/claude", "anthropic-beta.fast-mode-2026-02-01"), (response.Header("x-helix-provider"), response.Header("x-helix-model"), response.Header("x-helix-dropped")));
        var (seen, sent) = (cloud.Requests.Single(), AskOwn.Replace("anthropic/claude", "claude", StringComparison.Ordinal));
        Assert.Equal(sent, seen.Body);
        Assert.Equal(
            [
                "POST /base/v1/messages HTTP/1.1", $"host: {cloud.Address.Authority}", "user-agent: helix", "content-type: application/json", "anthropic-version: 2023-06-01", "x-api-key: sk-secret",
                "anthropic-beta: interleaved-thinking-2025-05-14", $"content-length: {sent.Length}",
            ],
            seen.Head.Split("\r\n"));
        Assert.Equal(Cost, await SpentAsync());
    }

    [Fact]
    public async Task Its_stream_passes_byte_by_byte_and_is_paid_for_what_it_took()
    {
        await using var cloud = new FakeCloud(talk => talk.EventsAsync(s_events));
        _host.Fleet.Set(cloud.Claude("claude"));

        for (var n = 1; n <= 2; n++)
        {
            using var response = await _host.PostAsync(AskOwn[..^1] + ""","stream":true}""", Own);
            Assert.Equal(string.Concat(s_events.Select(CloudTalk.EventOf)), await response.Content.ReadAsStringAsync());
            Assert.Equal(n * Cost, await SpentAsync());
        }

        // what is told in the client's own words is not kept, steady as it may be
        Assert.Equal((2, 1), (cloud.Requests.Count, cloud.Connections));
    }

    [Fact]
    public async Task A_client_of_OpenAIs_words_is_translated_both_ways()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Message));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync(Ask[..^1] + ""","seed":7}""");

        var answer = await response.JsonAsync();
        Assert.Equal(("fine", "hm", "stop"), ((string?)answer["choices"]![0]!["message"]!["content"], (string?)answer["choices"]![0]!["message"]!["reasoning_content"], (string?)answer["choices"]![0]!["finish_reason"]));
        Assert.Equal((600, 50, 300), ((int)answer["usage"]!["prompt_tokens"]!, (int)answer["usage"]!["completion_tokens"]!, (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!));
        Assert.Equal("seed", response.Header("x-helix-dropped"));
        Assert.Equal("""{"model":"claude","max_tokens":1000,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}""", cloud.Requests.Single().Body);
        Assert.Equal(Cost, await SpentAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_of_its_is_told_chunk_by_chunk(bool tellsUsage)
    {
        await using var cloud = new FakeCloud(talk => talk.EventsAsync(s_events));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync(tellsUsage ? AskStream : AskStream.Replace(""","stream_options":{"include_usage":true}""", "", StringComparison.Ordinal));

        var told = Data(await response.Content.ReadAsStringAsync());
        Assert.Equal("[DONE]", told[^1]);
        var chunks = told.SkipLast(1).Select(data => JsonNode.Parse(data)!).ToArray();
        Assert.Equal("fine", string.Concat(chunks.Where(chunk => chunk["choices"]!.AsArray().Count > 0).Select(chunk => (string?)chunk["choices"]![0]!["delta"]!["content"])));
        Assert.Equal(tellsUsage, chunks.Any(chunk => (int?)chunk["usage"]?["prompt_tokens"] == 600));
        Assert.Equal(Cost, await SpentAsync());
    }

    [Fact]
    public async Task Calls_of_tools_arrive_piece_by_piece_and_their_results_go_back()
    {
        await using var cloud = new FakeCloud(talk => talk.EventsAsync(
            Start, """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}""", """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"1}"}}""",
            End, Last.Replace("end_turn", "tool_use", StringComparison.Ordinal), Stop));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync("""
            {"model":"anthropic/claude","max_tokens":9,"stream":true,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],
            "messages":[{"role":"user","content":"go"},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"r"}]}
            """);

        var chunks = Data(await response.Content.ReadAsStringAsync()).SkipLast(1).Select(data => JsonNode.Parse(data)!["choices"]![0]!).ToArray();
        Assert.Equal("""{"a":1}""", string.Concat(chunks.Select(choice => (string?)choice["delta"]!["tool_calls"]?[0]!["function"]!["arguments"])));
        Assert.Equal("tool_calls", (string?)chunks[^1]["finish_reason"]);
        var sent = JsonNode.Parse(cloud.Requests.Single().Body)!;
        Assert.Equal("""[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"r"}]}]""", sent["messages"]![2]!["content"]!.ToJsonString());
    }

    [Theory]
    [InlineData("/v1/responses", """{"model":"anthropic/claude","input":"hi"}""", "output")]
    [InlineData("/api/chat", """{"model":"anthropic/claude","messages":[{"role":"user","content":"hi"}],"stream":false}""", "message")]
    [InlineData("/api/generate", """{"model":"anthropic/claude","prompt":"hi","stream":false}""", "response")]
    public async Task Clients_of_other_dialects_are_answered_in_them(string path, string body, string member)
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Message));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync(body, path);

        Assert.Contains("fine", (await response.JsonAsync())[member]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(128_000, (int)JsonNode.Parse(cloud.Requests.Single().Body)!["max_tokens"]!);
    }

    [Fact]
    public async Task Ollamas_stream_comes_by_two_translations()
    {
        await using var cloud = new FakeCloud(talk => talk.EventsAsync(s_events));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync("""{"model":"anthropic/claude","messages":[{"role":"user","content":"hi"}]}""", "/api/chat");

        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal("fine", string.Concat(lines.Select(line => (string?)line["message"]!["content"])));
        Assert.Equal((true, 600, 50), ((bool)lines[^1]["done"]!, (int)lines[^1]["prompt_eval_count"]!, (int)lines[^1]["eval_count"]!));
    }

    [Theory]
    [InlineData(Ask, "/v1/chat/completions")]
    [InlineData(AskOwn, Own)]
    public async Task One_that_is_overloaded_says_so_and_costs_nothing(string body, string path)
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Overloaded, 529, "Retry-After: 7\r\n"));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync(body, path);

        var error = (await response.JsonAsync())["error"]!;
        Assert.Equal((529, "overloaded_error", "Overloaded", "7"), ((int)response.StatusCode, (string?)error["type"], (string?)error["message"], response.Header("Retry-After")));
        Assert.Equal(0, await SpentAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_error_before_the_first_word_is_told_by_status_and_costs_only_what_was_begun(bool isBegun)
    {
        await using var cloud = new FakeCloud(talk => talk.EventsAsync(isBegun ? [Start, Overloaded] : [Overloaded]));
        _host.Fleet.Set(cloud.Claude("claude"));

        (string Body, string Path)[] all = [(AskStream, "/v1/chat/completions"), (AskOwn[..^1] + ""","stream":true}""", Own)];
        foreach (var (body, path) in all)
        {
            using var response = await _host.PostAsync(body, path);
            Assert.Equal((529, "overloaded_error"), ((int)response.StatusCode, (string?)(await response.JsonAsync())["error"]!["type"]));
        }

        Assert.Equal(isBegun, await SpentAsync() > 0);
    }

    [Fact]
    public async Task An_error_in_the_middle_ends_the_stream_in_the_clients_words_and_all_that_it_might_have_cost_counts()
    {
        await using var cloud = new FakeCloud(talk => talk.EventsAsync(Start, Begin, Text, Overloaded));
        _host.Fleet.Set(cloud.Claude("claude"));

        using (var response = await _host.PostAsync(AskStream))
        {
            var told = Data(await response.Content.ReadAsStringAsync());
            Assert.Contains("\"fine\"", told[^2], StringComparison.Ordinal);
            Assert.Equal(("overloaded_error", "Overloaded"), ((string?)JsonNode.Parse(told[^1])!["error"]!["code"], (string?)JsonNode.Parse(told[^1])!["error"]!["message"]));
        }

        using (var response = await _host.PostAsync(AskOwn[..^1] + ""","stream":true}""", Own))
        {
            var told = await response.Content.ReadAsStringAsync();
            Assert.StartsWith($"{CloudTalk.EventOf(Start)}{CloudTalk.EventOf(Begin)}{CloudTalk.EventOf(Text)}event: error\n", told, StringComparison.Ordinal);
            Assert.EndsWith($"\"request_id\":\"{response.Header("x-request-id")}\"}}\n\n", told, StringComparison.Ordinal);
        }

        Assert.True(await SpentAsync() > 0.02m, "the longest answers of both");
    }

    [Fact]
    public async Task A_stream_without_its_last_event_has_broken_off_and_counts_in_full()
    {
        await using var cloud = new FakeCloud(talk => talk.EventsAsync(Start, Begin, Text, End, Last));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync(AskStream);
        var told = await response.Content.ReadAsStringAsync();

        Assert.Contains("engine_died", told, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", told, StringComparison.Ordinal);
        Assert.True(await SpentAsync() > 0.01m);
    }

    [Theory]
    [InlineData(Ask, "/v1/chat/completions")]
    [InlineData(AskOwn, Own)]
    public async Task A_key_that_is_not_accepted_is_told_in_other_words(string body, string path)
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key sk-se**et"}}""", 401));
        _host.Fleet.Set(cloud.Claude("claude", "sk-secret"));

        using var response = await _host.PostAsync(body, path);
        var told = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("does not accept the key that helix has for it", told, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-se", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Own, """{"model":"anthropic/claude","max_tokens":9,"messages":[],"tools":[{"type":"web_search_20250305","name":"web_search"}]}""", "web_search_20250305")]
    [InlineData(Own, """{"model":"anthropic/claude","max_tokens":9,"messages":[],"mcp_servers":[{"type":"url","url":"https://x"}]}""", "mcp_servers")]
    [InlineData(Own, """{"model":"anthropic/claude","max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}}]}]}""", "document")]
    [InlineData("/v1/chat/completions", """{"model":"anthropic/claude","max_tokens":9,"messages":[],"web_search_options":{}}""", "web_search_options")]
    [InlineData("/v1/chat/completions", """{"model":"anthropic/claude","max_tokens":9,"messages":[],"service_tier":"priority"}""", "service_tier")]
    public async Task What_costs_beside_the_tokens_is_refused_in_every_dialect(string path, string body, string parameter)
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Message));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync(body, path);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains($"What '{parameter}' costs at anthropic cannot be known before", (string?)(await response.JsonAsync())["error"]!["message"], StringComparison.Ordinal);
        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task What_has_no_word_there_is_refused_by_its_name()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Message));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync(Ask[..^1] + ""","temperature":1.5}""");

        Assert.Equal((400, "unsupported_parameter", "temperature"), await response.ErrorAsync());
        Assert.Empty(cloud.Requests);
        Assert.Equal(0, await SpentAsync());
    }

    [Fact]
    public async Task A_prompt_that_is_to_be_cached_has_more_put_aside()
    {
        _host.Config = HelixConfig.Default with { Cloud = new CloudConfig(0.0017m, null, ["anthropic/*=1/0"]) };
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Message));
        _host.Fleet.Set(cloud.Claude("claude"));

        using (var refused = await _host.PostAsync(AskOwn.Replace("\"ephemeral\"", "\"ephemeral\",\"ttl\":\"1h\"", StringComparison.Ordinal), Own)) Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        using var response = await _host.PostAsync(AskOwn.Replace(""","cache_control":{"type":"ephemeral"}""", "", StringComparison.Ordinal), Own);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Who_only_counts_tokens_asks_no_cloud_whatever_stands_in_it()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"input_tokens":7}"""));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync(AskOwn, "/v1/messages/count_tokens");

        Assert.True((int)(await response.JsonAsync())["input_tokens"]! > 0);
        Assert.Empty(cloud.Requests);
    }

    [Theory]
    [InlineData("/v1/embeddings", """{"model":"anthropic/claude","input":"a"}""")]
    [InlineData("/v1/completions", """{"model":"anthropic/claude","prompt":"a"}""")]
    public async Task It_is_asked_for_chats_only(string path, string body)
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Message));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync(body, path);

        Assert.Equal((400, "model_lacks_ability", "model"), await response.ErrorAsync());
    }

    [Fact]
    public async Task What_an_engine_cannot_be_told_goes_on_to_the_cloud_that_can()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Message));
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"choices":[{"message":{"content":"here"}}]}"""));
        _host.Fleet.Set(_host.Model("m", "a"), cloud.Claude("claude"));
        _host.Config = _host.Config with
        {
            Gateway = HelixConfig.Default.Gateway with { Aliases = ImmutableDictionary<string, ModelAlias>.Empty.Add("name", ModelAlias.Parse("m, anthropic/claude").Alias!) },
        };

        using (var response = await _host.PostAsync(AskOwn.Replace("anthropic/claude", "name", StringComparison.Ordinal), Own)) Assert.Equal(Message, await response.Content.ReadAsStringAsync());
        using (var response = await _host.PostAsync(AskOwn.Replace("anthropic/claude", "m", StringComparison.Ordinal), Own)) Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using (var response = await _host.PostAsync("""{"model":"name","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""", Own)) Assert.Equal("here", (string?)(await response.JsonAsync())["content"]![0]!["text"]);

        Assert.Equal((1, 1), (cloud.Requests.Count, engine.Requests.Count));
    }

    [Fact]
    public async Task One_that_is_offline_says_so_whatever_only_it_would_know()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Message));
        _host.Fleet.Set(cloud.Claude("claude", isOffline: true));

        using var response = await _host.PostAsync(AskOwn, Own);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("helix is offline", (string?)(await response.JsonAsync())["error"]!["message"], StringComparison.Ordinal);
        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task A_stream_that_does_not_tell_what_its_answer_took_counts_in_full()
    {
        await using var cloud = new FakeCloud(talk => talk.EventsAsync(Start, Begin, Text, End, """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""", Stop));
        _host.Fleet.Set(cloud.Claude("claude"));

        using var response = await _host.PostAsync(AskStream);

        Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(await SpentAsync() > 0.01m);
    }

    private static List<string> Data(string events) => [.. events.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(each => each["data: ".Length..])];

    /// <summary>After all that is under way.</summary>
    private async Task<decimal> SpentAsync()
    {
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        return await _host.SpentAsync(CloudToll.DayOf(_time.GetUtcNow()));
    }
}
