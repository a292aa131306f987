namespace Helix.Tests.StandIns;

/// <summary>Each pose refuses what its original does not know, with that one's exit code and words.</summary>
public class RefusedFlagTests
{
    [Theory]
    [InlineData("llamacpp", "--no-such-flag", 1, "error: invalid argument: --no-such-flag")]
    [InlineData("vllm", "serve m --no-such-flag", 2, "vllm: error: unrecognized arguments: --no-such-flag")]
    [InlineData("vllm", "serve m --dtype int4", 2, "invalid choice: 'int4'")]
    [InlineData("tabbyapi", "--no-such-flag", 2, "main.py: error: unrecognized arguments: --no-such-flag")]
    [InlineData("mistralrs", "serve --no-such-flag", 2, "error: unexpected argument '--no-such-flag' found")]
    [InlineData("mistralrs", "serve --port many", 2, "error: invalid value 'many' for '--port <PORT>'")]
    [InlineData("localai", "run --no-such-flag", 80, "local-ai: error: unknown flag --no-such-flag")]
    [InlineData("fastchat-controller", "--no-such-flag", 2, "controller.py: error: unrecognized arguments: --no-such-flag")]
    [InlineData("fastchat-worker", "--device tpu", 2, "argument --device: invalid choice: 'tpu'")]
    [InlineData("fastchat-api", "--no-such-flag", 2, "openai_api_server.py: error: unrecognized arguments: --no-such-flag")]
    [InlineData("lms", "server start --no-such-flag", 1, "error: unknown option '--no-such-flag'")]
    [InlineData("mlx", "--api-key k", 2, "mlx_lm.server: error: unrecognized arguments: --api-key")]
    [InlineData("textgen", "server.py --api --api-port x", 2, "argument --api-port: invalid int value: 'x'")]
    [InlineData("koboldai", "--no-such-flag", 2, "koboldcpp.py: error: unrecognized arguments: --no-such-flag")]
    [InlineData("ollama", "launch", 1, "Error: unknown command \"launch\" for \"ollama\"")]
    public async Task What_the_original_does_not_know_is_refused_in_its_words(string pose, string arguments, int code, string words)
    {
        await using var run = new StandInRun();

        Assert.Equal(code, await run.EndAsync(pose, arguments.Split(' ')));
        await Eventually.TrueAsync(() => run.Written.Contains(words, StringComparison.Ordinal), $"{words}; written: {run.Written}");
    }

    [Theory]
    [InlineData("llamacpp", "--version", "version: 9.8.7")]
    [InlineData("vllm", "--version", "9.8.7")]
    [InlineData("mistralrs", "--version", "mistralrs 9.8.7")]
    [InlineData("localai", "--version", "LocalAI version: v9.8.7")]
    [InlineData("koboldai", "--version", "9.8.7")]
    [InlineData("llmster", "--version", "9.8.7")]
    [InlineData("mlx", "--version", "9.8.7")]
    public async Task A_version_is_told_where_the_original_tells_it(string pose, string argument, string words)
    {
        await using var run = new StandInRun();

        Assert.Equal(0, await run.EndAsync(pose, argument));
        await Eventually.TrueAsync(() => run.Written.Contains(words, StringComparison.Ordinal), words);
    }
}
