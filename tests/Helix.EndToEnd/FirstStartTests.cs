using System.Text.Json.Nodes;
using Helix.Core.Models;

namespace Helix.EndToEnd;

/// <summary>A clean home, no model, no network: what a new user meets first.</summary>
public sealed class FirstStartTests(FirstStartTests.CleanHome clean) : IClassFixture<FirstStartTests.CleanHome>
{
    private const string Chat = """{"messages":[{"role":"user","content":"Who are you?"}]}""";
    private const string StreamedChat = """{"messages":[{"role":"user","content":"Who are you?"}],"stream":true,"stream_options":{"include_usage":true}}""";

    private readonly TempHome _home = clean.Home;

    [Fact]
    public void Start_ends_with_exit_code_0_and_says_the_address_the_model_and_how_to_stop()
    {
        var said = clean.Start.Out + clean.Start.Error;

        Assert.Contains($"http://127.0.0.1:{_home.Port}", said, StringComparison.Ordinal);
        Assert.Contains(SelfTestModel.Id, said, StringComparison.Ordinal);
        Assert.Contains("helix stop", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_and_moving_lines_are_only_for_a_terminal() =>
        Assert.DoesNotContain((clean.Start.Out + clean.Start.Error).ToCharArray(), letter => letter is '\u001b' or '\r');

    [Fact]
    public async Task Start_says_that_the_hub_cannot_be_reached()
    {
        await Eventually.TrueAsync(
            async () => (await _home.HelixAsync("status")).Succeeded() is var status && (status.Out + status.Error).Contains("hub.invalid", StringComparison.Ordinal),
            "status names the hub that cannot be reached");
    }

    [Fact]
    public async Task A_chat_is_answered_by_the_self_test_and_labelled()
    {
        var reply = (await _home.Gateway.PostAsync("/v1/chat/completions", Chat)).Is(200);

        Assert.Equal(SelfTestModel.Text, (string?)reply.Json["choices"]![0]!["message"]!["content"]);
        Assert.Equal("assistant", (string?)reply.Json["choices"]![0]!["message"]!["role"]);
        Assert.Equal("stop", (string?)reply.Json["choices"]![0]!["finish_reason"]);
        Assert.Equal(SelfTestModel.Id, (string?)reply.Json["system_fingerprint"]);
        Assert.Equal("true", reply.Header("x-helix-selftest"));
        Assert.True((int)reply.Json["usage"]!["completion_tokens"]! > 10, reply.ToString());
        RecordedRun.OfEngine("builtin", (string)Builtin((await _home.HelixAsync("local-llm", "list", "--format", "json")).Succeeded())["release"]!);
    }

    [Fact]
    public async Task The_list_as_JSON_says_what_may_be_tuned_and_touched()
    {
        var builtin = Builtin((await _home.HelixAsync("local-llm", "list", "--format", "json")).Succeeded());

        Assert.Equal(["context", "slots", "threads"], builtin["tunes"]!.AsArray().Select(row => (string?)row!["knob"]));
        Assert.Equal("none", (string?)builtin["touches"]!["network"]);
    }

    private static JsonNode Builtin(Ended list) => JsonNode.Parse(list.Out)!["providers"]!.AsArray().Single(provider => (string?)provider!["id"] == "builtin")!;

    [Fact]
    public async Task A_streamed_chat_is_the_same_text_in_many_pieces()
    {
        using var stream = await (await _home.Gateway.StreamAsync("/v1/chat/completions", StreamedChat)).ToEndAsync();

        Assert.Equal(SelfTestModel.Text, stream.Text);
        Assert.True(stream.Done);
        Assert.Null(stream.Error);
        Assert.Equal("stop", stream.FinishReason);
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["true"], stream.Response.Headers.GetValues("x-helix-selftest"));
        Assert.All(stream.Events, item => Assert.Equal(SelfTestModel.Id, (string?)item["system_fingerprint"]));
        Assert.True(stream.Events.Count > 20, $"only {stream.Events.Count} events");
        Assert.True((int)stream.Events[^1]["usage"]!["completion_tokens"]! > 10, stream.Events[^1].ToJsonString());
    }

    [Theory]
    [InlineData("auto")]
    [InlineData(SelfTestModel.Id)]
    public async Task The_model_may_be_auto_or_named(string model)
    {
        var reply = await _home.Gateway.PostAsync("/v1/chat/completions", $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal(SelfTestModel.Text, (string?)reply.Is(200).Json["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task The_models_are_listed_in_OpenAIs_shape()
    {
        var list = (await _home.Gateway.GetAsync("/v1/models")).Is(200).Json;

        Assert.Equal("list", (string?)list["object"]);
        Assert.Contains(list["data"]!.AsArray(), model => (string?)model!["id"] == SelfTestModel.Id && (string?)model["object"] == "model");
    }

    [Fact]
    public async Task Embeddings_have_no_self_test_and_say_what_to_do() =>
        (await _home.Gateway.PostAsync("/v1/embeddings", """{"input":"a text"}""")).IsError(409, "no_model", "helix models");

    [Fact]
    public async Task An_answer_and_an_error_carry_a_request_id()
    {
        var answer = await _home.Gateway.GetAsync("/v1/models");
        var error = await _home.Gateway.PostAsync("/v1/chat/completions", "{}");

        Assert.NotNull(answer.Header("x-request-id"));
        Assert.NotNull(error.Header("x-request-id"));
    }

    [Fact]
    public async Task The_official_npm_client_streams_lists_and_gets_typed_errors()
    {
        var said = await Clients.NodeAsync(_home, "openai.mjs", $"{_home.Gateway.Address}v1", SelfTestModel.Text);

        Assert.Equal("all good", said.Succeeded().Out.Trim());
    }

    [Theory]
    [InlineData("anthropic.mjs")]
    [InlineData("ollama.mjs")]
    public async Task The_official_clients_of_other_dialects_meet_what_they_know(string script)
    {
        var said = await Clients.NodeAsync(_home, script, _home.Gateway.Address.ToString().TrimEnd('/'), SelfTestModel.Text);

        Assert.Equal("all good", said.Succeeded().Out.Trim());
    }

    [Fact]
    public async Task The_official_dotnet_client_streams_lists_and_gets_typed_errors() =>
        await Clients.DotnetAsync(new Uri(_home.Gateway.Address, "v1"), SelfTestModel.Text);

    [Fact]
    public async Task Microsofts_client_of_many_dialects_chats() =>
        await ExtensionsClient.ChatsAsync(new Uri(_home.Gateway.Address, "v1"), "auto", SelfTestModel.Text);

    [Fact]
    public async Task A_second_start_finds_the_first()
    {
        var before = _home.Alive.Select(process => process.Pid).ToArray();

        var again = (await _home.HelixAsync("start")).Succeeded();

        Assert.Contains($"http://127.0.0.1:{_home.Port}", again.Out + again.Error, StringComparison.Ordinal);
        Assert.Equal(before, _home.Alive.Select(process => process.Pid));
    }

    [Fact]
    public void Its_pid_stands_in_helix_pid_and_nothing_else_there_ends_so()
    {
        var file = Assert.Single(Directory.EnumerateFiles(_home.RunLink + "/", "*.pid"));

        Assert.Equal("helix.pid", Path.GetFileName(file));
        Assert.Equal(_home.Daemon.Pid.ToString(), File.ReadAllText(file).Trim());
    }

    [Fact]
    public void Nobody_else_may_look_into_the_home_or_the_run_folder()
    {
        foreach (var folder in new[] { _home.LocalLlm, _home.RunFolder })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    public sealed class CleanHome : RunningHome;
}
