using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>Streams that go on although their engine is killed.</summary>
[Collection(Alone.Name)]
public sealed class ContinuedStreamTests(ContinuedStreamTests.SpellingHome home) : IClassFixture<ContinuedStreamTests.SpellingHome>
{
    private const string Model = "spelled";
    private const string Chat = """{"model":"spelled","messages":[{"role":"user","content":"Go"}],"max_tokens":6000,"stream":true,"stream_options":{"include_usage":true},"temperature":""";

    private readonly TempHome _home = home.Home;

    /// <summary>Answers at temperature 0 are given again and compared; all others go on from what was said.</summary>
    [Theory]
    [InlineData("0")]
    [InlineData("0.8")]
    public async Task A_stream_whose_engine_is_killed_ends_with_the_same_text_as_one_that_nobody_disturbed(string temperature)
    {
        (await _home.Api.PostAsync("/helix/v1/providers/builtin/start", "{}")).Is(200); // what was killed before does not count
        using var whole = await (await _home.Gateway.StreamAsync("/v1/chat/completions", Chat + temperature + "}")).ToEndAsync();
        Assert.Equal((SpellingHome.Answer, true), (whole.Text, whole.Done));

        var engine = _home.Engines.Single(process => process.CommandLine.Contains($"--alias {Model}", StringComparison.Ordinal));
        using var stream = await _home.Gateway.StreamAsync("/v1/chat/completions", Chat + temperature + "}", ("x-helix-continue", "safe"));
        Assert.True(await stream.NextTextAsync(), "the stream ended before its first word");
        Processes.Signal(engine, Processes.Kill);
        await stream.ToEndAsync();

        Assert.Null(stream.Error);
        Assert.Equal((SpellingHome.Answer, true, "stop"), (stream.Text, stream.Done, stream.FinishReason));
        var chosen = stream.Events.Where(frame => frame["choices"] is JsonArray { Count: > 0 }).ToArray();
        Assert.Equal(1, (int)Assert.Single(chosen, frame => frame["choices"]![0]!["finish_reason"] is not null)["helix"]!["continued"]!);
        Assert.Single(stream.Events.Select(frame => (string?)frame["id"]).Distinct());
        Assert.Equal(Usage(whole), Usage(stream));
    }

    private static (int Prompt, int Answer) Usage(EventStream stream)
    {
        var usage = stream.Events.Single(frame => frame["usage"] is not null)["usage"]!;
        return ((int)usage["prompt_tokens"]!, (int)usage["completion_tokens"]!);
    }

    public sealed class SpellingHome : RunningHome
    {
        public static string Answer { get; } = ModelFile.Characters(5000);

        protected override async Task StartedAsync()
        {
            (await Home.HelixAsync("models", "add", ModelFile.WriteSpelled(Home.Folder, Model, Answer))).Succeeded();
            await Eventually.TrueAsync(
                async () => (await Home.Gateway.PostAsync("/v1/completions", """{"model":"spelled","prompt":"Go","temperature":0,"max_tokens":3}""")).Status == 200, "the model answers");
        }
    }
}
