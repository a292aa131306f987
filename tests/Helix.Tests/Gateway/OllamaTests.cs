using System.Net;
using System.Text.Json.Nodes;
using Helix.Core.Fleet;
using Helix.Tests.Gateway.Fakes;

namespace Helix.Tests.Gateway;

/// <summary>Clients that speak to <c>/api</c> as they do to Ollama, over engines that speak OpenAI's.</summary>
public sealed class OllamaTests : IAsyncLifetime
{
    private const string Text = """{"choices":[{"delta":{"content":"fine"}}]}""";

    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_chat_is_answered_in_lines()
    {
        await using var engine = _host.Engine("a", talk => talk.StreamAsync(Text, Text, """{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync("""{"model":"m:latest","messages":[{"role":"user","content":"Hi"}]}""", "/api/chat");
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();

        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(["fine", "fine", ""], lines.Select(line => (string?)line["message"]!["content"]));
        Assert.Equal((true, 5, 2), ((bool)lines[^1]["done"]!, (int)lines[^1]["prompt_eval_count"]!, (int)lines[^1]["eval_count"]!));
        Assert.Equal("""{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}}""", engine.Requests.Single().Body);
    }

    [Fact]
    public async Task A_prompt_is_answered_whole_where_that_is_asked()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"choices":[{"message":{"content":"fine"},"finish_reason":"stop"}]}"""));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync("""{"model":"m","prompt":"Hi","stream":false}""", "/api/generate");
        var answer = await response.JsonAsync();

        Assert.Equal(("fine", true, "stop"), ((string?)answer["response"], (bool)answer["done"]!, (string?)answer["done_reason"]));
    }

    [Fact]
    public async Task Whoever_only_wants_a_model_loaded_need_not_ask_anything()
    {
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Asleep() });

        using var response = await _host.PostAsync("""{"model":"m"}""", "/api/generate");

        Assert.Equal("load", (string?)(await response.JsonAsync())["done_reason"]);
        Assert.Contains("m", _host.Fleet.Wanted);
    }

    [Theory]
    [InlineData("/api/chat", """{"model":"x","messages":[{"role":"user","content":"Hi"}]}""", 404, "no model 'x'")]
    [InlineData("/api/chat", """{"model":"x"}""", 404, "no model 'x'")]
    [InlineData("/api/chat", """{"model":"m","messages":7}""", 400, "messages")]
    [InlineData("/api/show", """{"model":"x"}""", 404, "no model 'x'")]
    [InlineData("/api/show", "{}", 400, "model")]
    [InlineData("/api/push", "{}", 404, "nothing at this path")]
    [InlineData("/api/tags", "{}", 405, "GET")]
    public async Task Errors_are_in_its_own_shape(string path, string body, int status, string words)
    {
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync(body, path);
        var error = await response.JsonAsync();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(words, (string?)error["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_whose_engine_dies_ends_in_an_error_line()
    {
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync(Text);
            talk.Die();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync("""{"model":"m","messages":[{"role":"user","content":"Hi"}]}""", "/api/chat");
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.NotNull(JsonNode.Parse(lines[^1])!["error"]);
    }

    [Fact]
    public async Task Models_are_listed_shown_and_told_to_run()
    {
        _host.Fleet.Set(_host.Model("m", "a"), _host.Model("n") with { Availability = new ModelAvailability.Asleep() });

        Assert.Equal(["m:latest", "n:latest"], await NamesAsync("/api/tags"));
        Assert.Equal(["m:latest"], await NamesAsync("/api/ps"));
        using var version = await _host.Client.GetAsync("/api/version");
        Assert.Matches(@"^\d+\.\d+\.\d+$", (string?)(await version.JsonAsync())["version"]);
        using var show = await _host.PostAsync("""{"model":"m:latest"}""", "/api/show");
        Assert.Equal("""["completion","tools"]""", (await show.JsonAsync())["capabilities"]!.ToJsonString());

        async Task<string?[]> NamesAsync(string path)
        {
            using var response = await _host.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return [.. (await response.JsonAsync())["models"]!.AsArray().Select(model => (string?)model!["name"])];
        }
    }
}
