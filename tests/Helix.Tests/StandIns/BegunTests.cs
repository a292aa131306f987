using System.Text.Json.Nodes;

namespace Helix.Tests.StandIns;

/// <summary>Engines that go on with an answer which another began do so in their own ways, and say nothing twice.</summary>
public class BegunTests
{
    private const string User = """{"role":"user","content":"hello"}""";
    private const string Assistant = """{"role":"assistant","content":"one two"}""";

    [Fact]
    public async Task Llama_server_takes_the_assistants_last_message_for_a_beginning_unless_it_is_told_not_to()
    {
        await using var run = Run();
        run.Start("llamacpp", "-m", run.Gguf(), "--host", "127.0.0.1", "--port", $"{run.Port}");
        await run.ReadyAsync("/health");

        Assert.Equal(" three four", await ChatAsync(run, $$"""{"messages":[{{User}},{{Assistant}}],"continue_final_message":true,"add_generation_prompt":false}"""));
        Assert.Equal(" three four", await ChatAsync(run, $$"""{"messages":[{{User}},{{Assistant}}]}"""));
        Assert.Equal("one two three four", await ChatAsync(run, $$"""{"messages":[{{User}}]}"""));

        await using var told = Run();
        told.Start("llamacpp", "-m", told.Gguf(), "--host", "127.0.0.1", "--port", $"{told.Port}", "--no-prefill-assistant");
        await told.ReadyAsync("/health");

        Assert.Equal("one two three four", await ChatAsync(told, $$"""{"messages":[{{User}},{{Assistant}}]}"""));
        Assert.Equal(" three four", await ChatAsync(told, $$"""{"messages":[{{User}},{{Assistant}}],"continue_final_message":true,"add_generation_prompt":false}"""));
    }

    [Fact]
    public async Task Vllm_has_to_be_told_both_that_it_goes_on_and_that_it_does_not_begin()
    {
        await using var run = Run();
        run.Start("vllm", "serve", run.ModelFolder(), "--host", "127.0.0.1", "--port", $"{run.Port}", "--served-model-name", "q");
        await run.ReadyAsync("/health");

        Assert.Equal(" three four", await ChatAsync(run, $$"""{"model":"q","messages":[{{User}},{{Assistant}}],"continue_final_message":true,"add_generation_prompt":false}"""));
        Assert.Equal("one two three four", await ChatAsync(run, $$"""{"model":"q","messages":[{{User}},{{Assistant}}]}"""));
        var (status, body) = await run.PostAsync("/v1/chat/completions", $$"""{"model":"q","messages":[{{User}},{{Assistant}}],"continue_final_message":true}""");
        Assert.Equal(400, status);
        Assert.Contains("Cannot set both", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tabby_has_a_member_of_its_own_for_the_beginning()
    {
        await using var run = Run();
        run.ModelFolder("models/q");
        run.Write("config.yml", $"network:\n  host: 127.0.0.1\n  port: {run.Port}\n  disable_auth: true\nmodel:\n  model_dir: models\n  model_name: q\n");
        run.Start("tabbyapi");
        await run.ReadyAsync("/health");

        Assert.Equal(" three four", await ChatAsync(run, $$"""{"messages":[{{User}}],"response_prefix":"one two"}"""));
    }

    [Fact]
    public async Task A_completion_goes_on_where_its_prompt_ends()
    {
        await using var run = Run();
        run.Start("koboldai", "--model", run.Gguf(), "--host", "127.0.0.1", "--port", $"{run.Port}", "--skiplauncher", "--quiet");
        await run.ReadyAsync("/ping");

        Assert.Equal(" three four", await TextAsync(run, "/v1/completions", """{"prompt":"hello, one two"}""", "text"));
        Assert.Equal("one two three four", await TextAsync(run, "/v1/completions", """{"prompt":"hello"}""", "text"));
    }

    private static StandInRun Run()
    {
        var run = new StandInRun();
        run.Turn("""{"answer": "one two three four"}""");
        return run;
    }

    private static Task<string> ChatAsync(StandInRun run, string body) => TextAsync(run, "/v1/chat/completions", body, "content");

    private static async Task<string> TextAsync(StandInRun run, string path, string body, string member)
    {
        var (status, answer) = await run.PostAsync(path, body);
        Assert.True(status == 200, $"{status} {answer}");
        var choice = JsonNode.Parse(answer)!["choices"]![0]!;
        return (string)(choice["message"] ?? choice)[member]!;
    }
}
