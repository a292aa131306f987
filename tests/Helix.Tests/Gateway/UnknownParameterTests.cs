using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Manifests;
using Helix.Tests.Gateway.Fakes;

namespace Helix.Tests.Gateway;

/// <summary>Engines that do not know every parameter, asked by clients of three dialects.</summary>
public sealed class UnknownParameterTests : IAsyncLifetime
{
    private const string Messages = "/v1/messages";
    private const string Whole = """{"choices":[{"message":{"content":"fine"},"finish_reason":"stop"}]}""";
    private const string Ask = """{"model":"m","messages":[{"role":"user","content":"Hi"}]""";

    private static readonly PathGaps s_gaps = new(
        RequestParameters.Seed | RequestParameters.Logprobs | RequestParameters.TopK | RequestParameters.Suffix, RequestParameters.User | RequestParameters.StreamOptions | RequestParameters.Metadata, RequestParameters.Suffix);

    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("""{ "model":"m","messages":[ ],"temperature":0.5,"n":2 }""")]
    [InlineData("""{"model":"m","logprobs":false,"seed":7,"temperature":0,"user":null,"stream_options":{},"messages":[{"user":"me","seed":1}]}""")]
    public async Task A_body_that_needs_no_change_is_passed_byte_by_byte(string body)
    {
        await using var engine = Answers("a");
        Serve(At("a"));

        using var response = await _host.PostAsync(body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body, engine.Requests.Single().Body);
        Assert.Null(response.Header("x-helix-dropped"));
    }

    [Fact]
    public async Task An_engine_of_which_nothing_is_known_is_sent_everything()
    {
        await using var engine = Answers("a");
        Serve(At("a", gaps: null));

        using var response = await _host.PostAsync(Ask + ""","seed":1,"user":"me"}""");

        Assert.Equal(Ask + ""","seed":1,"user":"me"}""", engine.Requests.Single().Body);
        Assert.Null(response.Header("x-helix-dropped"));
    }

    [Fact]
    public async Task What_changes_no_answer_is_left_out_and_named()
    {
        await using var engine = Answers("a");
        Serve(At("a") with { UpstreamModel = "weights" });

        using var response = await _host.PostAsync("""{"user":"me", "messages":[ {"role":"user"} ],"metadata":{"a":[1]},"model":"m" , "x":"\u0061","stream_options":{"include_usage":true}}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"messages":[ {"role":"user"} ],"model":"weights" , "x":"\u0061"}""", engine.Requests.Single().Body);
        Assert.Equal("metadata,stream_options,user", response.Header("x-helix-dropped"));
    }

    [Fact]
    public async Task A_body_of_nothing_else_is_still_one()
    {
        await using var engine = Answers("a");
        Serve(At("a"));

        using var response = await _host.PostAsync("""{"user":"me"}""");

        Assert.Equal("""{"model":"m"}""", engine.Requests.Single().Body);
    }

    [Fact]
    public async Task What_is_refused_by_its_name_is_left_out_where_it_asks_for_nothing_and_nobody_is_bothered()
    {
        await using var engine = Answers("a");
        Serve(At("a"));

        using var response = await _host.PostAsync("""{"model":"m","prompt":"a","suffix":""}""", "/v1/completions");

        Assert.Equal("""{"model":"m","prompt":"a"}""", engine.Requests.Single().Body);
        Assert.Null(response.Header("x-helix-dropped"));
    }

    [Fact]
    public async Task A_client_of_Anthropic_hears_what_was_left_out_in_its_own_words_and_not_what_it_did_not_write()
    {
        await using var engine = _host.Engine("a", talk => talk.StreamAsync("""{"choices":[{"delta":{"content":"fine"},"finish_reason":"stop"}]}"""));
        Serve(At("a"));

        using var response = await _host.PostAsync("""{"model":"m","max_tokens":9,"stream":true,"thinking":{"type":"disabled"},"metadata":{"user_id":"me"},"messages":[{"role":"user","content":"Hi"}]}""", Messages);

        Assert.Equal("thinking,metadata.user_id", response.Header("x-helix-dropped"));
        Assert.Contains("message_stop", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("""{"model":"m","messages":[{"role":"user","content":"Hi"}],"max_tokens":9,"stream":true}""", engine.Requests.Single().Body);
    }

    [Fact]
    public async Task A_client_of_Ollama_is_answered_without_what_helix_added_for_itself()
    {
        await using var engine = _host.Engine("a", talk => talk.StreamAsync("""{"choices":[{"delta":{"content":"fine"},"finish_reason":"stop"}]}"""));
        Serve(At("a"));

        using var response = await _host.PostAsync(Ask + "}", "/api/chat");

        Assert.Equal("fine", (string?)JsonNode.Parse((await response.Content.ReadAsStringAsync()).Split('\n')[0])!["message"]!["content"]);
        Assert.Null(response.Header("x-helix-dropped"));
        Assert.Equal(Ask + ""","stream":true}""", engine.Requests.Single().Body);
    }

    [Fact]
    public async Task What_changes_the_answer_is_refused_and_the_engine_is_not_asked()
    {
        await using var engine = Answers("a");
        Serve(At("a"));

        using var response = await _host.PostAsync(Ask + ""","logprobs":true}""");

        var words = await response.Content.ReadAsStringAsync();
        Assert.Equal((400, "unsupported_parameter", "logprobs"), await response.ErrorAsync());
        Assert.Contains("'logprobs' is unknown to small. Leave it out; as far as helix knows, ", words, StringComparison.Ordinal);
        Assert.Contains("llama-server (llama.cpp)", words, StringComparison.Ordinal);
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task A_client_of_Anthropic_is_refused_in_its_own_shape()
    {
        Serve(At("a"));

        using var response = await _host.PostAsync("""{"model":"m","max_tokens":9,"top_k":5,"messages":[{"role":"user","content":"Hi"}]}""", Messages);
        var error = await response.JsonAsync();

        Assert.Equal((400, "error", "invalid_request_error"), ((int)response.StatusCode, (string?)error["type"], (string?)error["error"]!["type"]));
        Assert.Contains("'top_k' is unknown to small", (string?)error["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_Ollama_is_refused_by_the_name_that_it_wrote()
    {
        Serve(At("a"));

        using var response = await _host.PostAsync(Ask + ""","options":{"seed":7}}""", "/api/chat");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("'options.seed' is unknown to small", (string?)(await response.JsonAsync())["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"m","seed":7,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData(Messages, """{"model":"m","max_tokens":9,"top_k":5,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/api/chat", """{"model":"m","stream":false,"options":{"seed":7},"messages":[{"role":"user","content":"Hi"}]}""")]
    public async Task An_engine_that_knows_it_answers_instead(string path, string body)
    {
        await using var small = Answers("a");
        await using var large = Answers("b");
        Serve(At("a"), At("b", gaps: null, "large"));

        using var response = await _host.PostAsync(body, path);

        Assert.Equal((HttpStatusCode.OK, "large", "1"), (response.StatusCode, response.Header("x-helix-provider"), response.Header("x-helix-tries")));
        Assert.Empty(small.Requests);
    }

    [Fact]
    public async Task Another_model_that_the_name_stands_for_answers_where_the_first_ones_engine_does_not_know_it()
    {
        _host.Config = _host.Config with { Gateway = _host.Config.Gateway with { Aliases = ImmutableDictionary<string, ModelAlias>.Empty.Add("name", ModelAlias.Parse("m, other").Alias!) } };
        await using var large = Answers("b");
        _host.Fleet.Set(Model(At("a")), _host.Model("other", "b"));

        using var response = await _host.PostAsync("""{"model":"name","seed":7}""");

        Assert.Equal("other", response.Header("x-helix-model"));
    }

    [Fact]
    public async Task One_that_knows_it_and_is_on_its_way_is_waited_for()
    {
        await using var large = Answers("b");
        var model = Model(At("a")) with { Seats = [new("small", new ModelAvailability.Ready(), At("a")), new("llamacpp", new ModelAvailability.Coming("starting"), null)] };
        _host.Fleet.Set(model);

        var asking = _host.PostAsync(Ask + ""","logprobs":true}""");
        // whoever has no wish of that kind is not kept waiting
        await using var small = Answers("a");
        using (var other = await _host.PostAsync(Ask + "}")) Assert.Equal("small", other.Header("x-helix-provider"));
        Assert.False(asking.IsCompleted);
        _host.Fleet.Set(model with { Backends = [At("a"), At("b", gaps: null, "llamacpp")] });
        using var response = await asking;

        Assert.Equal((HttpStatusCode.OK, "llamacpp"), (response.StatusCode, response.Header("x-helix-provider")));
    }

    [Fact]
    public async Task Nobody_waits_for_it_where_the_name_stands_for_another_model_that_is_ready()
    {
        _host.Config = _host.Config with { Gateway = _host.Config.Gateway with { Aliases = ImmutableDictionary<string, ModelAlias>.Empty.Add("name", ModelAlias.Parse("m, other").Alias!) } };
        await using var large = Answers("b");
        var model = Model(At("a")) with { Seats = [new("small", new ModelAvailability.Ready(), At("a")), new("llamacpp", new ModelAvailability.Coming("starting"), null)] };
        _host.Fleet.Set(model, _host.Model("other", "b"));

        using var response = await _host.PostAsync("""{"model":"name","logprobs":true}""");

        Assert.Equal((HttpStatusCode.OK, "other"), (response.StatusCode, response.Header("x-helix-model")));
    }

    [Fact]
    public async Task What_an_engine_is_not_told_does_not_depend_on_who_was_asked_before()
    {
        await using var first = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"message":"no"}}""", 500));
        await using var second = Answers("b");
        Serve(At("a"), At("b", gaps: null, "large"));

        using var response = await _host.PostAsync(Ask + ""","user":"me"}""");

        Assert.Equal(("large", null), (response.Header("x-helix-provider"), response.Header("x-helix-dropped")));
        Assert.Equal(Ask + "}", first.Requests.Single().Body);
        Assert.Equal(Ask + ""","user":"me"}""", second.Requests.Single().Body);
    }

    [Fact]
    public async Task Pictures_have_parameters_of_their_own()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(Model(At("a")) with { Abilities = ModelAbilities.Images });

        using var response = await _host.PostAsync("""{"model":"m","prompt":"a cat","seed":7,"user":"me"}""", "/v1/images/generations");

        Assert.Equal("""{"model":"m","prompt":"a cat","seed":7,"user":"me"}""", engine.Requests.Single().Body);
    }

    [Fact]
    public async Task Whoever_asks_why_is_told_the_same()
    {
        Serve(At("a"), At("b", gaps: null, "large"));
        var sent = await ExplainAsync("""{"model":"m","seed":7}""");
        Serve(At("a"));
        var refused = await ExplainAsync("""{"model":"m","seed":7}""");

        Assert.Equal("send", (string?)sent["outcome"]);
        Assert.Contains("does not know a parameter", (string?)sent["candidates"]![0]!["passed_over"], StringComparison.Ordinal);
        Assert.Equal(("refuse", null), ((string?)refused["outcome"], (string?)refused["model"]));
        Assert.Contains("'seed' is unknown to small", (string?)refused["why"], StringComparison.Ordinal);

        async Task<JsonObject> ExplainAsync(string body)
        {
            using var owner = _host.Owner();
            using var response = await owner.PostAsync("/helix/v1/route/explain", new StringContent(body, Encoding.UTF8, "application/json"));
            return await response.JsonAsync();
        }
    }

    private FakeEngine Answers(string name) => _host.Engine(name, talk => talk.JsonAsync(Whole));

    private Backend At(string name) => At(name, ParameterGaps.Everywhere(s_gaps));

    private Backend At(string name, ParameterGaps? gaps, string provider = "small") => new(name, provider, _host.SocketOf(name), "m") { Gaps = gaps };

    private ServedModel Model(params Backend[] backends) => _host.Model("m") with { Backends = [.. backends] };

    private void Serve(params Backend[] backends) => _host.Fleet.Set(Model(backends));
}
