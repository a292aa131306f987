using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

/// <summary>An engine that chats, and one whose vectors the tests choose.</summary>
public sealed class MeantAnswersTests : IAsyncLifetime
{
    private const string First = "How do I change my password?";
    private const string Alike = "What is the way to change my password?";
    private const string Other = "Who painted that?";
    private const string Chats = """{"choices":[{"index":0,"message":{"role":"assistant","content":"well"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":5}}""";
    private const string Piece = """{"choices":[{"index":0,"delta":{"content":"well"},"finish_reason":null}]}""";

    private readonly FakeTimeProvider _time = new();
    private readonly Dictionary<string, double> _angles = new(StringComparer.Ordinal) { [First] = 1, [Alike] = 0.983, [Other] = 0.2 };
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_question_that_means_the_same_gets_the_answer_of_the_one_before()
    {
        await using var engine = Engine();
        await using var vectors = Vectors();
        var first = await AskAsync(First);
        _time.Advance(TimeSpan.FromSeconds(7));

        var second = await AskAsync(Alike);

        Assert.Equal(("miss", null, null), (first.State, first.Similarity, first.Age));
        Assert.Equal(("semantic", "0.983", "7"), (second.State, second.Similarity, second.Age));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal("hit", (await AskAsync(First)).State);
        Assert.Equal("miss", (await AskAsync(Other)).State);
        Assert.Equal(2, engine.Requests.Count);
    }

    [Fact]
    public async Task What_it_saved_and_what_the_comparison_took_is_told()
    {
        await using var engine = Engine();
        await using var vectors = Vectors();
        foreach (var text in new[] { First, Alike, First, Other }) await AskAsync(text);
        using var owner = _host.Owner();

        var usage = (await owner.GetFromJsonAsync("/helix/v1/usage?by=key,provider", UsageJson.Default.UsageList))!;

        Assert.Equal(new UsageCache(4, 1, 1, 18, 10), usage.Cache);
        Assert.Equal(
            [("", "builtin", 2L), ("", "cache", 1L), ("", "semantic-cache", 1L), ("(cache)", "builtin", 3L)],
            usage.Rows.Select(row => (row.Key!, row.Provider!, row.Requests)).Order());
        var metrics = (await _host.Client.GetStringAsync("/metrics")).Split('\n');
        string[] told =
        [
            """helix_cache_lookups_total{result="hit"} 1""", """helix_cache_lookups_total{result="semantic"} 1""", """helix_cache_lookups_total{result="miss"} 2""", """helix_cache_lookups_total{result="shared"} 0""",
            """helix_cache_saved_tokens_total{result="semantic",gen_ai_token_type="input"} 9""", """helix_cache_saved_tokens_total{result="hit",gen_ai_token_type="output"} 5""",
        ];
        Assert.All(told, line => Assert.Contains(line, metrics));
        // what helix asks by itself is nobody's request
        Assert.DoesNotContain(metrics, line => line.Contains("gen_ai_operation_name=\"embeddings\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_is_told_as_a_stream_and_in_other_dialects_too()
    {
        await using var engine = _host.Engine("a", talk => talk.Body.Contains("\"stream\":true", StringComparison.Ordinal) ? talk.StreamAsync(Piece, Piece) : talk.JsonAsync(Chats));
        await using var vectors = Vectors();
        SetFleet();

        var (first, second) = (await AskAsync(First, more: "\"stream\":true,"), await AskAsync(Alike, more: "\"stream\":true,"));
        Assert.Equal(("semantic", first.Text), (second.State, second.Text));
        Assert.EndsWith("data: [DONE]\n\n", second.Text, StringComparison.Ordinal);

        foreach (var text in new[] { First, Alike })
        {
            using var response = await _host.PostAsync($$"""{"model":"m","temperature":0,"max_tokens":9,"messages":[{"role":"user","content":"{{text}}"}]}""", "/v1/messages", request => request.Headers.Add("x-helix-cache", "semantic"));
            Assert.Equal("well", (string?)(await response.JsonAsync())["content"]![0]!["text"]);
            Assert.Equal(text == First ? "miss" : "semantic", response.Header("x-helix-cache"));
            await OverAsync();
        }
    }

    [Theory]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{}},")]
    [InlineData("\"n\":2,")]
    [InlineData("\"grammar\":\"root ::= x\",")]
    public async Task What_is_more_than_a_question_is_not_compared(string more)
    {
        await using var engine = Engine();
        await using var vectors = Vectors();

        Assert.Equal("miss", (await AskAsync(First, more: more)).State);
        Assert.Equal("miss", (await AskAsync(Alike, more: more)).State);
        Assert.Empty(vectors.Requests);
    }

    [Fact]
    public async Task All_but_the_question_has_to_be_the_same_and_so_have_numbers()
    {
        await using var engine = Engine();
        await using var vectors = Vectors();
        _angles["Is it 5 degrees?"] = _angles["Is it 6 degrees?"] = 1;

        Assert.Equal("miss", (await AskAsync(First)).State);
        Assert.Equal("miss", (await AskAsync(Alike, more: "\"max_tokens\":9,")).State);
        Assert.Equal("miss", (await AskAsync(Alike, system: "be short")).State);
        Assert.Equal("miss", (await AskAsync("Is it 5 degrees?")).State);
        Assert.Equal("miss", (await AskAsync("Is it 6 degrees?")).State);
        Assert.Equal(5, engine.Requests.Count);
    }

    [Fact]
    public async Task Nearer_than_the_threshold_it_must_be()
    {
        await using var engine = Engine();
        await using var vectors = Vectors();
        Set(performance => performance with { SemanticCacheThreshold = 0.99 });
        await AskAsync(First);
        Assert.Equal("miss", (await AskAsync(Alike)).State);

        Set(performance => performance with { SemanticCacheThreshold = 0.98 });
        // its own answer is kept by now, under other words
        _angles["How can I change my password?"] = 0.5;
        _angles["In which way do I change my password?"] = 0.49;
        Assert.Equal("miss", (await AskAsync("How can I change my password?")).State);
        Assert.Equal("semantic", (await AskAsync("In which way do I change my password?")).State);
    }

    [Fact]
    public async Task A_key_says_so_when_it_is_made_and_its_client_cannot()
    {
        await using var engine = Engine();
        await using var vectors = Vectors();
        var (plain, open, another) = (await KeyAsync("plain", false), await KeyAsync("open", true), await KeyAsync("another", true));

        foreach (var text in new[] { First, Alike }) Assert.Equal("miss", (await AskAsync(text, key: plain)).State);
        Assert.Empty(vectors.Requests);
        Assert.Equal("miss", (await AskAsync(First, wish: null, key: open)).State);
        Assert.Equal("semantic", (await AskAsync(Alike, wish: null, key: open)).State);
        Assert.Null((await AskAsync(Alike, wish: "off", key: open)).State);
        // nobody gets what another was answered
        Assert.Equal("miss", (await AskAsync(Alike, wish: null, key: another)).State);
    }

    [Fact]
    public async Task Without_a_key_the_client_says_so_or_the_configuration()
    {
        await using var engine = Engine();
        await using var vectors = Vectors();
        Assert.Equal("miss", (await AskAsync(First, wish: null)).State);
        Assert.Equal("miss", (await AskAsync(Alike, wish: null)).State);
        Assert.Empty(vectors.Requests);

        Set(performance => performance with { SemanticCache = true });
        _angles["Who has painted that?"] = 0.21;
        Assert.Equal("miss", (await AskAsync(Other, wish: null)).State);
        Assert.Equal("semantic", (await AskAsync("Who has painted that?", wish: null)).State);
    }

    [Fact]
    public async Task Clients_say_what_is_kept_and_how_old_it_may_be()
    {
        await using var engine = Engine();
        await using var vectors = Vectors();
        Assert.Null((await AskAsync(First, control: "no-store")).State);
        Assert.Equal(504, (await AskAsync(Alike, control: "only-if-cached")).Status);
        await AskAsync(First);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("semantic", (await AskAsync(Alike, control: "only-if-cached")).State);
        Assert.Equal("semantic", (await AskAsync(Alike, control: "max-age=10")).State);
        Assert.Equal(504, (await AskAsync(Alike, control: "max-age=9, only-if-cached")).Status);
        _time.Advance(TimeSpan.FromSeconds(HelixConfig.Default.Performance.CacheSeconds));
        Assert.Equal("miss", (await AskAsync(Alike)).State);
    }

    [Fact]
    public async Task Nobody_waits_long_for_a_vector_and_it_serves_those_who_come_later()
    {
        using var go = new SemaphoreSlim(0);
        await using var engine = Engine();
        await using var vectors = _host.Engine("v", async talk =>
        {
            await go.WaitAsync();
            await TellAsync(talk);
        });
        var first = AskAsync(First);
        await Eventually.TrueAsync(() => vectors.Requests.Count == 1, "its vector is asked for");
        Assert.Empty(engine.Requests);

        await Eventually.TrueAsync(() => engine.Requests.Count == 1, () => _time.Advance(TimeSpan.FromMilliseconds(5)), "it goes on without");
        Assert.Equal("miss", (await first).State);
        // after one that was late, the next does not wait at all
        Assert.Equal("miss", (await AskAsync(Other)).State);

        go.Release(1000);
        await Eventually.TrueAsync(() => vectors.Requests.Count == 2, "the first has come, and the next is asked for");
        await Eventually.TrueAsync(async () =>
        {
            var found = await AskAsync(Alike, control: "only-if-cached");
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return found.State == "semantic";
        });
        Assert.Equal(2, engine.Requests.Count);
    }

    [Fact]
    public async Task Whose_client_is_in_a_hurry_waits_for_a_part_of_its_time_and_others_wait_all_the_same()
    {
        using var go = new SemaphoreSlim(0);
        await using var engine = Engine();
        await using var vectors = _host.Engine("v", async talk =>
        {
            await go.WaitAsync();
            await TellAsync(talk);
        });
        var hurried = AskAsync(First, timeout: "0.72");
        await Eventually.TrueAsync(() => vectors.Requests.Count == 1, "its vector is asked for");

        await Eventually.TrueAsync(() => engine.Requests.Count == 1, () => _time.Advance(TimeSpan.FromMilliseconds(2)), "it goes on without");
        Assert.Equal("miss", (await hurried).State);

        go.Release(1000);
        await Eventually.TrueAsync(async () => (await AskAsync(Alike, control: "only-if-cached")).State == "semantic", "nobody has to be spared");
        Assert.Single(engine.Requests);
    }

    [Theory]
    [InlineData("""{"error":{"message":"no"}}""", 500)]
    [InlineData("""{"data":[]}""", 200)]
    [InlineData("not json", 200)]
    public async Task Where_no_vector_is_made_the_request_goes_on(string said, int status)
    {
        await using var engine = Engine();
        await using var vectors = _host.Engine("v", talk => talk.JsonAsync(said, status));

        Assert.Equal((200, "miss"), ((await AskAsync(First)) is var first ? (first.Status, first.State) : default));
        Assert.Equal((200, "miss"), ((await AskAsync(Alike)) is var second ? (second.Status, second.State) : default));
        Assert.NotEmpty(vectors.Requests);
    }

    [Fact]
    public async Task A_model_that_sleeps_is_woken_only_where_the_configuration_names_it()
    {
        await using var engine = Engine();
        var asleep = _host.Model("vectors") with { Abilities = ModelAbilities.Embeddings, Availability = new ModelAvailability.Asleep() };
        _host.Fleet.Set(_host.Model("m", "a"), asleep);
        Assert.Equal("miss", (await AskAsync(First)).State);
        Assert.Empty(_host.Fleet.Wanted);

        Set(performance => performance with { SemanticCacheModel = "vectors" });
        Assert.Equal("miss", (await AskAsync(Other)).State);

        Assert.Equal(["vectors"], _host.Fleet.Wanted);
    }

    [Fact]
    public async Task Where_answers_are_not_kept_nothing_is_compared()
    {
        await using var engine = Engine();
        await using var vectors = Vectors();
        await AskAsync(First);
        Set(performance => performance with { CacheResponses = false });
        Assert.Null((await AskAsync(Alike)).State);

        Set(performance => performance with { CacheResponses = true });
        Assert.Equal("miss", (await AskAsync(Alike)).State);
    }

    private FakeEngine Engine()
    {
        var engine = _host.Engine("a", talk => talk.JsonAsync(Chats));
        SetFleet();
        return engine;
    }

    private void SetFleet() => _host.Fleet.Set(_host.Model("m", "a"), _host.Model("vectors", "v") with { Abilities = ModelAbilities.Embeddings });

    private FakeEngine Vectors() => _host.Engine("v", TellAsync);

    private Task TellAsync(EngineTalk talk)
    {
        var vectors = JsonNode.Parse(talk.Body)!["input"]!.AsArray().Select(text => _angles[(string)text!]).Select((cosine, at) => new JsonObject
        {
            ["index"] = at,
            ["embedding"] = new JsonArray(cosine, Math.Sqrt(1 - (cosine * cosine))),
        });
        return talk.JsonAsync(new JsonObject { ["data"] = new JsonArray([.. vectors]), ["usage"] = new JsonObject { ["prompt_tokens"] = 3, ["total_tokens"] = 3 } }.ToJsonString());
    }

    private void Set(Func<PerformanceConfig, PerformanceConfig> change) => _host.Config = _host.Config with { Performance = change(_host.Config.Performance) };

    private async Task<string> KeyAsync(string name, bool comparesMeaning)
    {
        using var owner = _host.Owner();
        using var made = await owner.PostAsJsonAsync("/helix/v1/keys", new CreateKeyRequest(name, ["infer"], SemanticCache: comparesMeaning), ApiJson.Default.CreateKeyRequest);
        return (await made.Content.ReadFromJsonAsync(ApiJson.Default.CreatedKey))!.Key;
    }

    private async Task<(int Status, string? State, string? Similarity, string? Age, string Text)> AskAsync(string text, string? wish = "semantic", string? control = null, string? key = null, string more = "", string? system = null, string? timeout = null)
    {
        var before = system is null ? "" : $$"""{"role":"system","content":"{{system}}"},""";
        var messages = $$"""{{before}}{"role":"user","content":"{{text}}"}""";
        using var response = await _host.PostAsync($$"""{"model":"m","temperature":0,{{more}}"messages":[{{messages}}]}""", more: request =>
        {
            if (wish is not null) request.Headers.Add("x-helix-cache", wish);
            if (control is not null) request.Headers.TryAddWithoutValidation("Cache-Control", control);
            if (timeout is not null) request.Headers.Add("x-helix-timeout", timeout);
            if (key is not null) request.Headers.Add("Authorization", $"Bearer {key}");
        });
        var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        await OverAsync();
        return ((int)response.StatusCode, response.Header("x-helix-cache"), response.Header("x-helix-cache-similarity"), response.Header("Age"), answer);
    }

    /// <summary>An answer is kept once it is out.</summary>
    private Task OverAsync() => Eventually.TrueAsync(() => _host.Counters.InFlight == 0, "it is over");
}
