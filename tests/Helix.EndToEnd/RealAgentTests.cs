using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>
/// Agents that call tools, before a real llama-server. It is started as its manifest says: with its templates (<c>--jinja</c>), for that is what it does
/// unless it is told otherwise. Its models are scripted: of llama-server 0.5.0, <c>tool_choice</c> <c>required</c> still lets a model say what it likes before a
/// call, and the name of a function means <c>auto</c>, so that only one that calls by itself calls for certain. It is the server that reads its template, holds
/// the call to the tool's schema, and makes of the text what clients hear.
/// </summary>
[Collection(Alone.Name)]
public sealed class RealAgentTests(RealAgentTests.Machine machine) : IClassFixture<RealAgentTests.Machine>
{
    private const string Reader = "reader";
    private const string Runner = "runner";
    private const string Sayer = "sayer";
    private const string Said = "A few notes.";

    [Fact]
    public async Task An_agent_of_each_official_client_goes_through_its_turns_and_hears_the_same_in_every_dialect() =>
        await Agents.CallAsync(await machine.ReadyAsync(), $"llamacpp/{Reader}");

    [Theory]
    [InlineData("claude-code")]
    [InlineData("codex")]
    public async Task A_recorded_session_of_an_agent_goes_through(string session) => await Agents.ReplayAsync(await machine.ReadyAsync(), session);

    [Fact]
    public async Task It_computes_what_it_says_and_others_take_over_when_it_is_stopped()
    {
        var home = await machine.ReadyAsync();
        var reply = (await home.Gateway.PostAsync("/v1/chat/completions", Ask($"llamacpp/{Sayer}"))).Is(200);
        Assert.Equal(Said, (string)reply.Json["choices"]![0]!["message"]!["content"]!);
        using (var stream = await (await home.Gateway.StreamAsync("/v1/chat/completions", Ask($"llamacpp/{Sayer}", stream: true))).ToEndAsync())
        {
            Assert.True(stream.Done);
            Assert.Equal(Said, stream.Text);
        }

        (await home.HelixAsync("local-llm", "stop", "llamacpp")).Succeeded();
        Assert.Equal("builtin", (await home.Gateway.PostAsync("/v1/chat/completions", Ask(Sayer))).Is(200).Header("x-helix-provider"));
        (await home.HelixAsync("local-llm", "start", "llamacpp")).Succeeded();
        await Eventually.TrueAsync(
            async () => await home.Gateway.PostAsync("/v1/chat/completions", Ask($"llamacpp/{Sayer}")) is { Status: 200 }, "llama-server to answer again", () => RealLlama.Log(home, "llamacpp"));
    }

    private static string Ask(string model, bool stream = false) =>
        $$"""{"model": "{{model}}", "stream": {{(stream ? "true" : "false")}}, "temperature": 0, "messages": [{"role": "user", "content": "Who are you?"}]}""";

    public sealed class Machine : IAsyncLifetime
    {
        private readonly TempHome _home = new() { Installs = true };
        private Task? _started;

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => _home.DisposeAsync();

        /// <summary>The first test that wants it waits for it; a short run does not.</summary>
        public async Task<TempHome> ReadyAsync()
        {
            Assert.SkipUnless(Ring.IsLong, "only in long runs (./test --long): a real llama-server is built from its source");
            await (_started ??= StartAsync());
            return _home;
        }

        private async Task StartAsync()
        {
            _home.Configure($"providers:\n  enabled: [builtin, llamacpp]\n{RealLlama.OnlyNpm}");
            NpmOfUser.Give(_home);
            (await _home.HelixAsync("start")).Succeeded();
            var files = _home.Make("files");
            await AddAsync(ModelFile.WriteCalling(files, Reader, "Read", """{"file_path": "/docs/notes.txt"}"""));
            await AddAsync(ModelFile.WriteCalling(files, Runner, "exec_command", """{"cmd": "cat notes.txt"}"""));
            await AddAsync(ModelFile.Write(files, Sayer, Said));
            // while it is being built, the built-in engine answers
            Assert.Equal("builtin", (await _home.Gateway.PostAsync("/v1/chat/completions", Ask(Sayer))).Is(200).Header("x-helix-provider"));
            await Agents.NameAsync(_home, Reader, Sayer, Runner, RealLlama.Build, () => RealLlama.Log(_home, "llamacpp"));
            var versions = JsonNode.Parse((await _home.HelixAsync("local-llm", "versions", "llamacpp", "--format", "json")).Succeeded().Out)!;
            RecordedRun.OfEngine("llamacpp", (string)versions["versions"]!.AsArray().Single()!["version"]!);
        }

        private async Task AddAsync(string file) => (await _home.HelixAsync("models", "add", file)).Succeeded();
    }
}
