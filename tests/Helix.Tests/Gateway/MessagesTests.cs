using System.Net;
using Helix.Tests.Gateway.Fakes;

namespace Helix.Tests.Gateway;

/// <summary>Clients that speak to <c>/v1/messages</c> as they do to Anthropic, over engines that speak OpenAI's.</summary>
public sealed class MessagesTests : IAsyncLifetime
{
    private const string Ask = """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}""";
    private const string Text = """{"choices":[{"delta":{"content":"fine"}}]}""";

    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_message_is_answered_in_its_own_words()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"choices":[{"message":{"content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask, "/v1/messages");
        var message = await response.JsonAsync();

        Assert.Equal((HttpStatusCode.OK, "application/json", "builtin"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType, response.Header("x-helix-provider")));
        Assert.Equal(("fine", "end_turn", 5), ((string?)message["content"]![0]!["text"], (string?)message["stop_reason"], (int)message["usage"]!["input_tokens"]!));
        Assert.StartsWith("POST /v1/chat/completions ", engine.Requests.Single().Head, StringComparison.Ordinal);
        Assert.Equal("""{"model":"m","messages":[{"role":"user","content":"Hi"}],"max_tokens":9}""", engine.Requests.Single().Body);
    }

    [Fact]
    public async Task A_stream_is_put_into_its_own_events_as_it_comes()
    {
        var go = new TaskCompletionSource();
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync(Text);
            await go.Task;
            await talk.EndStreamAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask[..^1] + ""","stream":true}""", "/v1/messages");
        var stream = await response.Content.ReadAsStreamAsync();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("event: message_start\n", await stream.EventAsync(), StringComparison.Ordinal);
        Assert.StartsWith("event: content_block_start\n", await stream.EventAsync(), StringComparison.Ordinal);
        Assert.Contains("fine", await stream.EventAsync(), StringComparison.Ordinal);
        go.SetResult();
        Assert.EndsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", await new StreamReader(stream).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_answer_that_breaks_off_is_asked_of_another()
    {
        await using var weak = _host.Engine("a", async talk =>
        {
            await talk.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"choices\":[{\"message\":{\"content\":\"ha");
            talk.Die();
        });
        await using var strong = _host.Engine("b", talk => talk.JsonAsync("""{"choices":[{"message":{"content":"fine"}}]}"""));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        using var response = await _host.PostAsync(Ask, "/v1/messages");

        Assert.Equal("fine", (string?)(await response.JsonAsync())["content"]![0]!["text"]);
        Assert.Equal("2", response.Header("x-helix-tries"));
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[]}""", 400, "invalid_request_error", "max_tokens")]
    [InlineData("""{"model":"x","max_tokens":1,"messages":[]}""", 404, "not_found_error", "no model 'x'")]
    [InlineData("{", 400, "invalid_request_error", "JSON")]
    public async Task Errors_are_in_its_own_shape(string body, int status, string type, string words)
    {
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(body, "/v1/messages");

        await ErrorAsync(response, status, type, words);
    }

    [Fact]
    public async Task An_engines_refusal_is_too()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"message":"the prompt is too long","code":"context_length_exceeded"}}""", 400));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask, "/v1/messages");

        await ErrorAsync(response, 400, "invalid_request_error", "the prompt is too long");
    }

    [Fact]
    public async Task A_stream_whose_engine_dies_ends_in_an_error_event()
    {
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync(Text);
            talk.Die();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask[..^1] + ""","stream":true}""", "/v1/messages");
        var text = await response.Content.ReadAsStringAsync();

        Assert.Contains("event: error\ndata: {\"type\":\"error\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("message_stop", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_are_counted_by_the_engine()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":42,"completion_tokens":1}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync("""{"model":"m","messages":[{"role":"user","content":"Hi"}]}""", "/v1/messages/count_tokens");

        Assert.Equal("""{"input_tokens":42}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_was_dropped_is_named()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"choices":[{"message":{"content":"x"}}]}"""));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask[..^1] + ""","thinking":{"type":"enabled","budget_tokens":1024}}""", "/v1/messages");

        Assert.Equal("thinking", response.Header("x-helix-dropped"));
    }

    private static async Task ErrorAsync(HttpResponseMessage response, int status, string type, string words)
    {
        var error = await response.JsonAsync();
        Assert.Equal((status, "error", type), ((int)response.StatusCode, (string?)error["type"], (string?)error["error"]!["type"]));
        Assert.Contains(words, (string?)error["error"]!["message"], StringComparison.Ordinal);
        Assert.Equal(response.Header("x-request-id"), (string?)error["request_id"]);
    }
}
