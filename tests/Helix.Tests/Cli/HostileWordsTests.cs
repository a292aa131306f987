using Helix.Cli;
using Helix.Contracts;
using Helix.Tests.Cli.Fakes;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Cli;

/// <summary>What engines log, models answer and names say is shown on a terminal, and does nothing to it.</summary>
public sealed class HostileWordsTests
{
    private const string Steer = "\e]0;pwned\a\e[2Jred \e[31mtext";
    private const string Shown = "\ufffd]0;pwned\ufffd\ufffd[2Jred \ufffd[31mtext";

    [Theory]
    [InlineData(true, Shown)]
    [InlineData(false, Steer)]
    public async Task The_log_of_an_engine_is_text_to_whoever_looks_and_as_it_is_for_a_program(bool isTerminal, string expected)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.IsTerminal = isTerminal;
        daemon.On("GET /helix/v1/providers/vllm/logs", context => context.Response.WriteAsync($"{Steer}\n"));

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("local-llm", "logs", "vllm"));

        Assert.Equal($"{expected}\n", line.Out);
    }

    [Theory]
    [InlineData(true, Shown)]
    [InlineData(false, Steer)]
    public async Task So_is_an_answer(bool isTerminal, string expected)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.IsTerminal = isTerminal;
        daemon.Streams(
            "POST /v1/chat/completions",
            """data: {"choices":[{"delta":{"content":"\u001b]0;pwned\u0007\u001b[2J"}}]}""", """data: {"choices":[{"delta":{"content":"red \u001b[31mtext"}}]}""",
            """data: {"choices":[{"delta":{},"finish_reason":"stop"}]}""", "data: [DONE]");

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("chat", "tiny", "Say hello"));

        Assert.Equal($"{expected}\n", line.Out);
    }

    [Fact]
    public async Task So_are_names_reasons_findings_and_refusals_wherever_they_go()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Status = daemon.Status with { Models = [new(Steer, "ready", Steer, ["chat"], 4096, false)], Notes = [Steer] };
        daemon.On("GET /helix/v1/health", new HealthReport(true, [new(Steer, "ok", Steer, Steer)]), ApiJson.Default.HealthReport);
        daemon.Refuse("POST /helix/v1/providers/vllm/start", 409, new("conflict", Steer, Steer));

        await line.RunAsync("status");
        await line.RunAsync("local-llm", "health");
        await line.RunAsync("local-llm", "start", "vllm");

        Assert.Contains("pwned", line.Out, StringComparison.Ordinal);
        Assert.Contains("pwned", line.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(line.Out + line.Error, letter => char.IsControl(letter) && letter != '\n');
    }
}
