using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>What tuning and measuring do with a real engine.</summary>
public sealed class DiagnoseTests(DiagnoseTests.HomeWithModel home) : IClassFixture<DiagnoseTests.HomeWithModel>
{
    private readonly TempHome _home = home.Home;

    [Fact]
    public async Task An_engine_is_measured_with_a_table_and_with_numbers_for_programs()
    {
        var json = (await _home.HelixAsync("local-llm", "diagnose", "--measure", "--model", "known", "--format", "json")).Succeeded();

        var engine = Assert.Single(JsonNode.Parse(json.Out)!["engines"]!.AsArray())!.AsObject();
        Assert.Equal(("builtin", "known", false), ((string?)engine["provider"], (string?)engine["model"], (bool)engine["beside"]!));
        Assert.True((double)engine["first_token_ms"]! > 0 && (double)engine["prefill_tokens_per_second"]! > 0, engine.ToJsonString());
        Assert.Equal([1, 2, 4, 8], engine["load"]!.AsArray().Select(point => (int)point!["concurrency"]!));
        Assert.All(engine["load"]!.AsArray(), point => Assert.Equal(0, (int)point!["failed"]!));

        var text = (await _home.HelixAsync("local-llm", "diagnose", "builtin", "--measure")).Succeeded();
        Assert.Contains("FIRST TOKEN", text.Out, StringComparison.Ordinal);
        Assert.Contains("8 requests at once", text.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_load_test_says_how_many_requests_it_bears_and_the_plan_follows()
    {
        var measured = JsonNode.Parse((await _home.HelixAsync("local-llm", "diagnose", "--load", "--model", "known", "--format", "json")).Succeeded().Out)!["engines"]![0]!;

        var (knee, slots) = ((int)measured["knee"]!, Math.Max(2, (int)measured["knee"]!));
        Assert.Contains((int)measured["load"]!.AsArray()[^1]!["concurrency"]!, new[] { knee, knee * 2 });
        await Eventually.TrueAsync(async () => (await EngineAsync()) is { } engine && (int)engine["slots"]! == slots, $"it runs with {slots} slots");
        var shown = (await _home.HelixAsync("local-llm", "diagnose")).Succeeded().Out;
        Assert.Contains(slots == 4 ? "NEXT" : $"slots {slots}", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_change_is_tried_beside_what_runs_with_requests_as_they_came()
    {
        for (var request = 0; request < 6; request++) (await _home.Gateway.PostAsync("/v1/completions", """{"model":"known","prompt":"Who are you?"}""")).Is(200);
        var pid = (int)(await BuiltinAsync())["pid"]!;

        var said = (string)(await _home.Api.PostAsync("/helix/v1/tuning/run", "{}")).Json["message"]!;

        Assert.Contains("builtin-known", said, StringComparison.Ordinal);
        var row = JsonNode.Parse((await _home.HelixAsync("local-llm", "diagnose", "--format", "json")).Succeeded().Out)!["tried"]!.AsArray()[^1]!;
        Assert.Equal(("builtin", "known", "threads"), ((string?)row["provider"], (string?)row["model"], (string?)row["knob"]));
        Assert.Contains("for the same requests", (string)row["words"]!, StringComparison.Ordinal);
        if (!(bool)row["kept"]!) Assert.Equal(pid, (int)(await BuiltinAsync())["pid"]!);
        var history = JsonNode.Parse((await _home.HelixAsync("history", "--kind", "tuning", "--format", "json")).Succeeded().Out)!["events"]!.AsArray();
        Assert.Contains(history, happened => (string?)happened!["words"] == said);
        Assert.DoesNotContain(_home.Alive, process => process.CommandLine.Contains("measure-builtin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_measured()
    {
        (await _home.HelixAsync("local-llm", "diagnose", "--model", "no-such")).Failed(5, "no-such", "models list");
        (await _home.HelixAsync("local-llm", "diagnose", "vllm", "--measure")).Failed(5, "vllm", "local-llm list");
    }

    private async Task<JsonObject?> EngineAsync() =>
        JsonNode.Parse((await _home.HelixAsync("local-llm", "diagnose", "--format", "json")).Succeeded().Out)!["engines"]!.AsArray().SingleOrDefault(engine => (string?)engine!["model"] == "known")?.AsObject();

    private async Task<JsonObject> BuiltinAsync() =>
        JsonNode.Parse((await _home.HelixAsync("local-llm", "list", "--format", "json")).Succeeded().Out)!["providers"]!.AsArray().Single(provider => (string?)provider!["id"] == "builtin")!.AsObject();

    public sealed class HomeWithModel : RunningHome
    {
        protected override async Task StartedAsync()
        {
            // what a user sets himself is not tuned
            (await Home.HelixAsync("config", "unset", "builtin.threads")).Succeeded();
            (await Home.HelixAsync("models", "add", ModelFile.Write(Home.Folder, "known", "These are the words of a model that is known, and a few more of them, so that there is something to measure."))).Succeeded();
            (await Home.Gateway.PostAsync("/v1/completions", """{"model":"known","prompt":"Hi"}""")).Is(200);
        }
    }
}
