using System.Text.Json.Nodes;
using Helix.Core.Models;

namespace Helix.EndToEnd;

/// <summary>Every verb, what it prints for people and for programs, and the exit code of each reason.</summary>
public sealed class CommandLineTests(CommandLineTests.HomeWithModel home) : IClassFixture<CommandLineTests.HomeWithModel>
{
    private const int Usage = 2, ConfigInvalid = 4, NotFound = 5, Refused = 6;

    private readonly TempHome _home = home.Home;

    public static TheoryData<string> Verbs =>
    [
        "start", "stop", "restart", "status", "version", "auto", "auto status", "auto run", "sim", "history", "history replay", "local-llm diagnose", "chat", "connect", "completion", "config", "keys", "models", "local-llm",
        "local-llm list", "local-llm status", "local-llm start", "local-llm stop", "local-llm logs", "local-llm monitor", "local-llm health",
        "models list", "models add", "models pull", "models remove", "keys create", "keys list", "keys revoke",
        "config get", "config set", "config unset", "config show", "config validate", "config path",
    ];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Each_verb_has_help_and_each_that_does_something_an_example(string verb)
    {
        var help = (await _home.HelixAsync([.. verb.Split(' '), "--help"])).Succeeded();

        Assert.Contains("helix " + verb.Split(' ')[0], help.Out, StringComparison.Ordinal);
        if (verb is not ("config" or "keys" or "models" or "local-llm")) Assert.Contains("xample", help.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status", "providers")]
    [InlineData("local-llm list", "providers")]
    [InlineData("local-llm status", "providers")]
    [InlineData("local-llm health", "findings")]
    [InlineData("models list", "models")]
    [InlineData("keys list", "keys")]
    [InlineData("auto status", "automations")]
    public async Task Each_listing_is_an_object_with_a_named_array(string verb, string array)
    {
        var listing = (await _home.HelixAsync([.. verb.Split(' '), "--format", "json"])).Succeeded();

        Assert.IsType<JsonArray>(JsonNode.Parse(listing.Out)![array]);
        var text = (await _home.HelixAsync(verb.Split(' '))).Succeeded();
        Assert.NotEqual("", text.Out + text.Error);
    }

    [Fact]
    public async Task What_helix_does_by_itself_is_done_when_it_is_asked_for_and_shown_as_done_only_then()
    {
        Assert.Null((await AutomationAsync("optimisation"))["last"]);

        (await _home.HelixAsync("auto", "run", "optimisation")).Succeeded();
        (await _home.HelixAsync("auto", "run", "backup")).Succeeded();

        await Eventually.TrueAsync(async () => (await AutomationAsync("backup"))["result"] is not null && (await AutomationAsync("optimisation"))["result"] is not null, "both were done");
        Assert.Single(JsonNode.Parse((await _home.HelixAsync("backup", "list", "--format", "json")).Succeeded().Out)!["backups"]!.AsArray());
        Assert.Contains("looked at", (await _home.HelixAsync("auto", "run", "health")).Succeeded().Error, StringComparison.Ordinal);
        (await _home.HelixAsync("auto", "run", "recovery")).Succeeded();
        (await _home.HelixAsync("auto", "run", "gardening")).Failed(NotFound, "optimisation");
    }

    private async Task<JsonNode> AutomationAsync(string id) =>
        JsonNode.Parse((await _home.HelixAsync("auto", "status", "--format", "json")).Succeeded().Out)!["automations"]!.AsArray().Single(each => (string?)each!["id"] == id)!;

    [Fact]
    public async Task A_simulation_is_run_and_repeated_by_its_seed()
    {
        var (one, same, other) = (await SimAsync("7"), await SimAsync("7"), await SimAsync("8"));

        Assert.Equal(one, same);
        Assert.NotEqual(one, other);
    }

    private async Task<string> SimAsync(string seed) => (await _home.HelixAsync("sim", "--seed", seed, "--days", "2", "--format", "json")).Succeeded().Out;

    [Fact]
    public async Task What_was_decided_is_decided_again()
    {
        var states = JsonNode.Parse((await _home.HelixAsync("history", "--kind", "state", "--format", "json")).Succeeded().Out)!["events"]!.AsArray();
        Assert.NotEmpty(states);

        foreach (var state in states.Take(3)) Assert.True((bool)JsonNode.Parse((await _home.HelixAsync("history", "replay", state!["id"]!.ToJsonString(), "--format", "json")).Succeeded().Out)!["same"]!);
        (await _home.HelixAsync("history", "replay", "999999")).Failed(NotFound);
    }

    [Fact]
    public async Task A_provider_is_listed_with_its_stable_names()
    {
        // another test may just have removed the model that was loaded
        JsonObject builtin = [];
        await Eventually.TrueAsync(async () =>
        {
            var list = JsonNode.Parse((await _home.HelixAsync("local-llm", "list", "--format", "json")).Succeeded().Out)!["providers"]!.AsArray();
            builtin = list.Single(provider => (string?)provider!["id"] == "builtin")!.AsObject();
            return (string?)builtin["state"] == "ready";
        }, "the built-in engine is ready", () => builtin.ToJsonString());
        Assert.Contains(_home.Alive, process => process.Role is "engine" or "sandbox" && process.Pid == (int?)builtin["pid"]);
        foreach (var name in new[] { "reason", "model", "release" })
            Assert.False(string.IsNullOrEmpty((string?)builtin[name]), $"{name}: {builtin.ToJsonString()}");
    }

    [Fact]
    public async Task Every_provider_is_accounted_for_and_one_that_does_not_run_says_why()
    {
        var list = JsonNode.Parse((await _home.HelixAsync("local-llm", "list", "--format", "json")).Succeeded().Out)!["providers"]!.AsArray();
        Assert.Equal(13, list.Count);
        Assert.All(list, provider => Assert.False(string.IsNullOrEmpty((string?)provider!["category"]) || string.IsNullOrEmpty((string?)provider["description"]), provider.ToJsonString()));
        Assert.All(list, provider => Assert.True((string?)provider!["id"] == "builtin" || (string?)provider["state"] is "available" or "unsupported", provider!.ToJsonString()));

        var refused = await _home.HelixAsync("local-llm", "start", "tabbyapi");

        Assert.Equal(Refused, refused.Code);
        Assert.Contains((string)list.Single(provider => (string?)provider!["id"] == "tabbyapi")!["reason"]!, refused.Error, StringComparison.Ordinal);
        Assert.EndsWith("12 more: helix local-llm list\n", (await _home.HelixAsync("local-llm", "status")).Succeeded().Out);
    }

    [Fact]
    public async Task A_model_is_listed_with_the_facts_of_its_header()
    {
        var list = JsonNode.Parse((await _home.HelixAsync("models", "list", "--format", "json")).Succeeded().Out)!["models"]!.AsArray();

        var model = list.Single(each => (string?)each!["id"] == "known")!;
        Assert.Equal("llama", (string?)model["architecture"]);
        Assert.Equal(32768, (int?)model["context_tokens"]);
        Assert.Equal(64, ((string?)model["sha256"])?.Length);
        Assert.True(File.Exists((string)model["path"]!), model.ToJsonString());
    }

    [Fact]
    public async Task Chat_prints_the_answer_and_nothing_else_on_stdout() =>
        Assert.Equal(SelfTestModel.Text, (await _home.HelixAsync("chat", SelfTestModel.Id, "Who are you?")).Succeeded().Out.Trim());

    [Fact]
    public async Task Chat_reads_its_prompt_from_standard_input() =>
        Assert.Equal("Known words.", (await Launched.RunAsync(_home.Command("chat", "known") with { Input = "Who are you?" })).Succeeded().Out.Trim());

    [Fact]
    public async Task Chat_with_a_model_that_is_not_there_says_which_are() =>
        (await _home.HelixAsync("chat", "no-such", "Hi")).Failed(NotFound, "no-such", "known");

    [Fact]
    public async Task The_logs_of_a_provider_can_be_read() =>
        Assert.NotEqual("", (await _home.HelixAsync("local-llm", "logs", "helix")).Succeeded().Out);

    [Fact]
    public async Task Logs_can_be_followed_until_Ctrl_C()
    {
        await using var logs = Launched.Start(_home.Command("local-llm", "logs", "-f", "helix"));
        await Eventually.TrueAsync(() => logs.Out.Length > 0, "the first lines");
        _ = Processes.Signal(logs.Pid, Processes.Interrupt);

        Assert.Equal(130, (await logs.EndAsync()).Code);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Completion_is_there_for_each_shell(string shell) =>
        Assert.Contains("helix", (await _home.HelixAsync("completion", shell)).Succeeded().Out, StringComparison.Ordinal);

    [Fact]
    public async Task Version_is_told_to_people_and_programs()
    {
        Assert.StartsWith("helix ", (await _home.HelixAsync("version")).Succeeded().Out, StringComparison.Ordinal);
        Assert.NotNull(JsonNode.Parse((await _home.HelixAsync("version", "--format", "json")).Succeeded().Out)!["version"]);
    }

    [Fact]
    public async Task A_model_can_be_removed_and_its_file_is_gone()
    {
        (await _home.HelixAsync("models", "add", ModelFile.Write(_home.Folder, "doomed", "Short life."))).Succeeded();
        (await _home.Gateway.PostAsync("/v1/completions", """{"model":"doomed","prompt":"Hi"}""")).Is(200);

        (await _home.HelixAsync("models", "remove", "doomed")).Succeeded();

        (await _home.Gateway.PostAsync("/v1/completions", """{"model":"doomed","prompt":"Hi"}""")).IsError(404, "model_not_found");
        Assert.Empty(Directory.EnumerateFiles(_home.Models, "*doomed*", SearchOption.AllDirectories));
        await Eventually.TrueAsync(() => _home.Engines.All(engine => !engine.CommandLine.Contains("doomed", StringComparison.Ordinal)), "its engine has ended");
    }

    [Fact]
    public async Task A_second_model_of_the_same_name_is_refused() =>
        (await _home.HelixAsync("models", "add", ModelFile.Write(_home.Folder, "other", "Other words."), "--name", "known")).Failed(Refused, "known");

    [Theory]
    [InlineData(Usage, "statsu", "status")]
    [InlineData(Usage, "local-llm lst", "list")]
    [InlineData(Usage, "status --fromat json", "--format")]
    [InlineData(Usage, "models add", "PATH")]
    [InlineData(NotFound, "local-llm stop vllmm", "builtin")]
    [InlineData(NotFound, "local-llm logs nobody", "builtin")]
    [InlineData(NotFound, "models remove nothing", "nothing")]
    [InlineData(NotFound, "keys revoke nobody", "nobody")]
    [InlineData(ConfigInvalid, "config set helth.check_interval 60", "health.check_interval")]
    [InlineData(ConfigInvalid, "config set health.check_interval soon", "health.check_interval")]
    [InlineData(ConfigInvalid, "config get health.nothing", "health.")]
    public async Task What_is_wrong_has_its_own_exit_code_and_helpful_words(int code, string line, string word)
    {
        var ended = (await _home.HelixAsync(line.Split(' '))).Failed(code, word);

        Assert.Equal("", ended.Out);
    }

    public sealed class HomeWithModel : RunningHome
    {
        protected override async Task StartedAsync() =>
            (await Home.HelixAsync("models", "add", ModelFile.Write(Home.Folder, "known", "Known words."))).Succeeded();
    }
}
