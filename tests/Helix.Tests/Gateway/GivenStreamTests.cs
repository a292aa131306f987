using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Tests.Gateway.Fakes;

namespace Helix.Tests.Gateway;

/// <summary>Streams that may be another one each time, and whose engine dies in the middle: one that can is given what was said, and goes on from there.</summary>
public sealed class GivenStreamTests : IAsyncLifetime
{
    private const string Ask = """{"model":"m","stream":true,"temperature":0.8,"max_tokens":9,"messages":[{"role":"user","content":"x"}]}""";
    private static readonly AnswerContinuation s_messages = new(AnswerContinuation.Messages, [new("continue_final_message", "true"), new("add_generation_prompt", "false")], Completions: true);
    private static readonly AnswerContinuation s_completions = new(null, [], Completions: true);

    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task It_goes_on_at_another_engine_from_the_last_word()
    {
        await using var dying = _host.Engine("a", Dying("Good", " day"));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Role("b"), Piece("b", " to"), Piece("b", " all", last: true)));
        _host.Fleet.Set(Model(("a", null), ("b", s_messages)));

        var text = await AskAsync(Ask);
        var frames = Frames(text);

        Assert.Equal(["Good", " day", " to", " all"], Said(frames));
        Assert.Equal(["a"], frames.Select(frame => (string?)frame["id"]).Distinct());
        Assert.Single(frames, frame => frame["choices"]![0]!["delta"]!["role"] is not null);
        Assert.Equal("""{"continued":1}""", Assert.Single(frames, frame => frame["choices"]![0]!["finish_reason"] is not null)["helix"]!.ToJsonString());
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        var asked = JsonNode.Parse(Assert.Single(well.Requests).Body)!;
        Assert.Equal("""[{"role":"user","content":"x"},{"role":"assistant","content":"Good day"}]""", asked["messages"]!.ToJsonString());
        Assert.Equal((7, true, false, 0.8), ((int)asked["max_tokens"]!, (bool)asked["continue_final_message"]!, (bool)asked["add_generation_prompt"]!, (double)asked["temperature"]!));
    }

    [Fact]
    public async Task The_same_engine_goes_on_once_it_is_back_where_no_other_can()
    {
        var times = 0;
        await using var back = _host.Engine("a", talk => Interlocked.Increment(ref times) == 1 ? Dying("Good", " day")(talk) : talk.StreamAsync(Piece("b", " to"), Piece("b", " you", last: true)));
        await using var other = _host.Engine("b", talk => talk.StreamAsync(Piece("c", "Hello", last: true)));
        _host.Fleet.Set(Model(("a", s_messages), ("b", s_completions)));

        Assert.Equal(["Good", " day", " to", " you"], Said(Frames(await AskAsync(Ask))));
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task It_goes_on_as_often_as_engines_break_off()
    {
        await using var first = _host.Engine("a", Dying("Good", " day"));
        await using var second = _host.Engine("b", talk => talk.StreamAsync(Piece("b", " to"), """{"error":{"message":"out of memory","code":500}}"""));
        await using var third = _host.Engine("c", talk => talk.StreamAsync(Piece("c", " all", last: true)));
        _host.Fleet.Set(Model(("a", null), ("b", s_messages), ("c", s_messages)));

        var frames = Frames(await AskAsync(Ask));

        Assert.Equal(["Good", " day", " to", " all"], Said(frames));
        Assert.Equal(2, (int)frames[^1]["helix"]!["continued"]!);
        Assert.Contains("\"Good day to\"", Assert.Single(third.Requests).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_completion_goes_on_behind_its_prompt()
    {
        await using var dying = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync("""{"id":"a","choices":[{"index":0,"text":" upon","finish_reason":null}]}""");
            talk.Die();
        });
        await using var well = _host.Engine("b", talk => talk.StreamAsync("""{"id":"b","choices":[{"index":0,"text":" a time","finish_reason":"stop"}]}"""));
        _host.Fleet.Set(Model(("a", null), ("b", s_completions)));

        var frames = Frames(await AskAsync("""{"model":"m","stream":true,"prompt":"Once"}""", path: "/v1/completions"));

        Assert.Equal([" upon", " a time"], frames.Select(frame => (string?)frame["choices"]![0]!["text"]));
        Assert.Equal("Once upon", (string?)JsonNode.Parse(Assert.Single(well.Requests).Body)!["prompt"]);
    }

    [Fact]
    public async Task What_both_engines_took_is_told_and_kept_as_one_answer()
    {
        await using var dying = _host.Engine("a", Dying("Good", " day"));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Piece("b", " to"), Piece("b", " all", last: true), """{"id":"b","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":2,"total_tokens":14}}"""));
        _host.Fleet.Set(Model(("a", null), ("b", s_messages)));

        var text = await AskAsync(Ask.Replace("\"max_tokens\":9", "\"stream_options\":{\"include_usage\":true}", StringComparison.Ordinal));

        Assert.Contains("\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14}", text, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        using var owner = _host.Owner();
        using var response = await owner.GetAsync(new Uri("/helix/v1/usage", UriKind.Relative));
        var row = (await response.JsonAsync())["rows"]!.AsArray().Single()!;
        // what the first one said was counted here
        Assert.Equal((10, 4, 1), ((int)row["prompt_tokens"]!, (int)row["answer_tokens"]!, (int)row["estimated"]!));
    }

    [Fact]
    public async Task One_that_says_that_something_went_wrong_is_not_asked_again_and_another_goes_on()
    {
        await using var failing = _host.Engine("a", talk => talk.StreamAsync(Role("a"), Piece("a", "Good"), """{"error":{"message":"out of memory","code":500}}"""));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Piece("b", " day", last: true)));
        _host.Fleet.Set(Model(("a", s_messages), ("b", s_messages)));

        var text = await AskAsync(Ask);

        Assert.Equal(["Good", " day"], Said(Frames(text)));
        Assert.DoesNotContain("out of memory", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/messages", """{"model":"m","stream":true,"max_tokens":9,"stop_sequences":["END"],"messages":[{"role":"user","content":"x"}]}""", "\"text\":\"", "event: message_stop")]
    [InlineData("/v1/responses", """{"model":"m","stream":true,"input":"x"}""", "\"delta\":\"", "response.completed")]
    [InlineData("/api/chat", """{"model":"m","options":{"temperature":0.7},"messages":[{"role":"user","content":"x"}]}""", "\"content\":\"", "\"done\":true")]
    public async Task A_client_of_another_dialect_sees_one_answer(string path, string ask, string before, string end)
    {
        await using var dying = _host.Engine("a", Dying("Good", " day"));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Role("b"), Piece("b", " to"), Piece("b", " all", last: true)));
        _host.Fleet.Set(Model(("a", null), ("b", s_messages)));

        var text = await AskAsync(ask, path: path);

        Assert.Equal("Good day to all", string.Concat(text.Split(before).Skip(1).Select(rest => rest.Split('"')[0])));
        Assert.Contains(end, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Ask, "off")]
    [InlineData(Ask, null)]
    [InlineData("""{"model":"m","stream":true,"temperature":0.8,"max_tokens":2,"messages":[{"role":"user","content":"x"}]}""", "safe")]
    [InlineData("""{"model":"m","stream":true,"stop":["daydream"],"messages":[{"role":"user","content":"x"}]}""", "safe")]
    [InlineData("""{"model":"m","stream":true,"logprobs":true,"messages":[{"role":"user","content":"x"}]}""", "safe")]
    [InlineData("""{"model":"m","stream":true,"response_format":{"type":"json_object"},"messages":[{"role":"user","content":"x"}]}""", "safe")]
    [InlineData("""{"model":"m","stream":true,"tools":[{"type":"function"}],"messages":[{"role":"user","content":"x"}]}""", "safe")]
    [InlineData("""{"model":"m","stream":true,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"So"}]}""", "safe")]
    public async Task Nothing_goes_on_that_is_more_than_text_or_was_not_asked_for(string ask, string? wish)
    {
        await using var dying = _host.Engine("a", Dying("Good", " day"));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Piece("b", " to", last: true)));
        _host.Fleet.Set(Model(("a", null), ("b", s_messages)));

        var text = await AskAsync(ask, wish);

        Assert.Contains("\"code\":\"engine_died\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        Assert.Empty(well.Requests);
    }

    [Fact]
    public async Task An_engine_whose_manifest_says_nothing_of_it_is_not_given_anything()
    {
        await using var dying = _host.Engine("a", Dying("Good"));
        await using var other = _host.Engine("b", talk => talk.StreamAsync(Piece("b", " day", last: true)));
        _host.Fleet.Set(Model(("a", s_completions), ("b", null)));

        Assert.Contains("\"code\":\"engine_died\"", await AskAsync(Ask), StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task Where_all_refuse_to_go_on_the_client_is_not_told_of_what_it_did_not_ask()
    {
        await using var dying = _host.Engine("a", Dying("Good"));
        await using var refusing = _host.Engine("b", talk => talk.JsonAsync("""{"error":{"message":"prefill is incompatible"}}""", 400));
        _host.Fleet.Set(Model(("a", null), ("b", s_messages)));

        var text = await AskAsync(Ask);

        Assert.Equal(["Good"], Said(Frames(text)));
        Assert.Contains("no other went on from what was said", text, StringComparison.Ordinal);
        Assert.DoesNotContain("incompatible", text, StringComparison.Ordinal);
    }

    /// <summary>Whatever <c>auto</c> means by then: what was said are words of the model that began.</summary>
    [Fact]
    public async Task No_other_model_goes_on_where_helix_had_the_choice()
    {
        var (times, mine, others) = (0, Model(("a", s_messages)), _host.Model("n", "b"));
        others = others with { Backends = [others.Backends[0] with { Continues = s_messages }] };
        await using var back = _host.Engine("a", async talk =>
        {
            if (Interlocked.Increment(ref times) > 1)
            {
                await talk.StreamAsync(Piece("b", " day", last: true));
                return;
            }

            await talk.BeginStreamAsync();
            await talk.EventAsync(Piece("a", "Good"));
            _host.Fleet.Set(mine with { Availability = new ModelAvailability.Coming("it comes back"), Backends = [] }, others);
            talk.Die();
        });
        await using var other = _host.Engine("b", talk => talk.StreamAsync(Piece("c", " grief", last: true)));
        _host.Fleet.Set(mine, others);

        var asking = AskAsync(Ask.Replace("\"m\"", "\"auto\"", StringComparison.Ordinal));
        // first where it died, then where it is waited for
        await Eventually.TrueAsync(() => asking.IsCompleted || _host.Fleet.Wanted.Count > 1);
        _host.Fleet.Set(mine, others);

        Assert.Equal(["Good", " day"], Said(Frames(await asking)));
        Assert.All(_host.Fleet.Wanted, name => Assert.Equal("m", name));
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task One_that_ends_without_a_word_about_it_has_not_answered()
    {
        await using var dying = _host.Engine("a", Dying("Good"));
        await using var silent = _host.Engine("b", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync(Piece("b", " day"));
            await talk.SendAsync("0\r\n\r\n");
        });
        _host.Fleet.Set(Model(("a", null), ("b", s_messages)));

        var text = await AskAsync(Ask);

        Assert.Equal(["Good", " day"], Said(Frames(text)));
        Assert.Contains("no other went on from what was said", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_answered_alike_each_time_is_answered_again_and_compared()
    {
        await using var dying = _host.Engine("a", Dying("Good", " day"));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Piece("b", "Good day to"), Piece("b", " all", last: true)));
        _host.Fleet.Set(Model(("a", s_messages), ("b", s_messages)));

        Assert.Equal(["Good", " day", " to", " all"], Said(Frames(await AskAsync(Ask.Replace("0.8", "0", StringComparison.Ordinal)))));
        Assert.DoesNotContain("assistant", Assert.Single(well.Requests).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_settings_can_say_it_for_all()
    {
        _host.Config = HelixConfig.Default with { Gateway = new GatewayConfig(ContinueStreams: true) };
        await using var dying = _host.Engine("a", Dying("Good"));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Piece("b", " day", last: true)));
        _host.Fleet.Set(Model(("a", null), ("b", s_messages)));

        Assert.Equal(["Good", " day"], Said(Frames(await AskAsync(Ask, null))));
    }

    private ServedModel Model(params (string Engine, AnswerContinuation? How)[] engines)
    {
        var model = _host.Model("m", [.. engines.Select(each => each.Engine)]);
        return model with { Backends = [.. model.Backends.Zip(engines, (backend, each) => backend with { Continues = each.How })] };
    }

    private static Func<EngineTalk, Task> Dying(params string[] pieces) => async talk =>
    {
        await talk.BeginStreamAsync();
        await talk.EventAsync(Role("a"));
        foreach (var piece in pieces) await talk.EventAsync(Piece("a", piece));
        talk.Die();
    };

    private static string Role(string id) => $$$"""{"id":"{{{id}}}","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""";

    private static string Piece(string id, string text, bool last = false) => $$$"""{"id":"{{{id}}}","choices":[{"index":0,"delta":{"content":"{{{text}}}"},"finish_reason":{{{(last ? "\"stop\"" : "null")}}}}]}""";

    private async Task<string> AskAsync(string ask, string? wish = "safe", string path = "/v1/chat/completions")
    {
        using var response = await _host.PostAsync(ask, path, request => request.Headers.Add("x-helix-continue", wish is null ? [] : [wish]));
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Frames with a choice in them.</summary>
    private static List<JsonNode> Frames(string stream) =>
        [.. stream.Split("\n\n").Where(frame => frame.StartsWith("data: {", StringComparison.Ordinal)).Select(frame => JsonNode.Parse(frame["data: ".Length..])!).Where(frame => frame["choices"] is JsonArray { Count: > 0 })];

    private static IEnumerable<string?> Said(List<JsonNode> frames) => frames.Select(frame => (string?)frame["choices"]![0]!["delta"]?["content"]).Where(text => !string.IsNullOrEmpty(text));
}
