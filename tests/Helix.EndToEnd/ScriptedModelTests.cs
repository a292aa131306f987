namespace Helix.EndToEnd;

/// <summary>A model of which every token is known: what comes out must be that text, whoever asks, however many ask.</summary>
public sealed class ScriptedModelTests(ScriptedModelTests.HomeWithGolden home) : IClassFixture<ScriptedModelTests.HomeWithGolden>
{
    private const string Golden = "Once more: the golden sentence, “exact” to the last byte, with ünïcödé, 漢字, an emoji 🙂 and a line\nbreak. The end.";
    private const string Prompt = """{"model":"golden","prompt":"Once upon a time","temperature":0,"max_tokens":400}""";
    private const string StreamedPrompt = """{"model":"golden","prompt":"Once upon a time","temperature":0,"max_tokens":400,"stream":true}""";

    private readonly TempHome _home = home.Home;

    [Fact]
    public async Task Eight_clients_at_once_each_get_the_exact_text()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _home.Gateway.PostAsync("/v1/completions", Prompt)));

        Assert.All(replies, reply => Assert.Equal(Golden, (string?)reply.Is(200).Json["choices"]![0]!["text"]));
        Assert.All(replies, reply => Assert.Equal("stop", (string?)reply.Json["choices"]![0]!["finish_reason"]));
        Assert.All(replies, reply => Assert.Null(reply.Header("x-helix-selftest")));
    }

    [Fact]
    public async Task Eight_streams_at_once_each_give_the_exact_text()
    {
        var texts = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var stream = await (await _home.Gateway.StreamAsync("/v1/completions", StreamedPrompt)).ToEndAsync();
            return (stream.Text, stream.Done);
        }));

        Assert.All(texts, text => Assert.Equal((Golden, true), text));
    }

    [Fact]
    public async Task Equal_texts_have_equal_embeddings_and_others_do_not()
    {
        var reply = (await _home.Gateway.PostAsync("/v1/embeddings", """{"model":"golden","input":["a cat","a dog","a cat"]}""")).Is(200);
        var vectors = reply.Json["data"]!.AsArray().Select(item => item!["embedding"]!.ToJsonString()).ToArray();

        Assert.Equal(3, vectors.Length);
        Assert.Equal(vectors[0], vectors[2]);
        Assert.NotEqual(vectors[0], vectors[1]);
    }

    [Fact]
    public async Task Tokens_beyond_the_limit_are_not_sent_and_the_reason_is_said()
    {
        var reply = await _home.Gateway.PostAsync("/v1/completions", """{"model":"golden","prompt":"Once","temperature":0,"max_tokens":3}""");

        Assert.Equal("length", (string?)reply.Is(200).Json["choices"]![0]!["finish_reason"]);
        Assert.StartsWith((string)reply.Json["choices"]![0]!["text"]!, Golden, StringComparison.Ordinal);
        Assert.Equal(3, (int?)reply.Json["usage"]!["completion_tokens"]);
    }

    [Fact]
    public async Task A_stop_string_ends_the_text_before_it_and_never_leaks()
    {
        using var stream = await (await _home.Gateway.StreamAsync(
            "/v1/completions", """{"model":"golden","prompt":"Once","temperature":0,"max_tokens":400,"stream":true,"stop":"to the last"}""")).ToEndAsync();

        Assert.Equal(Golden[..Golden.IndexOf("to the last", StringComparison.Ordinal)], stream.Text);
        Assert.Equal("stop", stream.FinishReason);
    }

    [Fact]
    public async Task A_chat_with_a_model_that_has_no_template_is_refused_and_never_guessed() =>
        (await _home.Gateway.PostAsync("/v1/chat/completions", """{"model":"golden","messages":[{"role":"user","content":"Hi"}]}"""))
            .IsError(400, null, "template");

    [Fact]
    public async Task A_file_dropped_into_the_models_folder_is_found()
    {
        ModelFile.Write(_home.Models, "dropped", "I fell from the sky.");

        await Eventually.TrueAsync(
            async () => (await _home.Gateway.GetAsync("/v1/models")).Body.Contains("\"dropped\"", StringComparison.Ordinal), "the dropped file is listed");
        var reply = await _home.Gateway.PostAsync("/v1/chat/completions", """{"model":"dropped","messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal("I fell from the sky.", (string?)reply.Is(200).Json["choices"]![0]!["message"]!["content"]);
    }

    public sealed class HomeWithGolden : RunningHome
    {
        protected override async Task StartedAsync() =>
            (await Home.HelixAsync("models", "add", ModelFile.Write(Home.Folder, "golden", Golden, template: null))).Succeeded();
    }
}
