using Helix.Contracts;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("helix sta", "start\nstatus\nrestart\n")]
    [InlineData("helix local-llm st", "start\nstatus\nstop\ninstall\nlist\n")]
    [InlineData("helix config get health.ret", "health.retry_delay\n")]
    [InlineData("helix status --format j", "json\n")]
    public async Task What_could_come_next_is_suggested(string line, string expected)
    {
        using var command = new CommandLine();

        await command.RunAsync($"[suggest:{line.Length}]", line);

        Assert.Equal(expected, command.Out);
    }

    [Theory]
    [InlineData("helix models remove t", "tiny")]
    [InlineData("helix chat ti", "tiny")]
    [InlineData("helix local-llm stop bu", "builtin")]
    [InlineData("helix local-llm logs bu", "builtin")]
    [InlineData("helix keys revoke lap", "laptop")]
    public async Task Names_that_a_running_helix_knows_are_suggested(string line, string expected)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /helix/v1/models", new ModelList([new("tiny", "/m/tiny", 1, null, "llama", null, 1, 2048, null, [], "file", FakeDaemon.Moment)]), ApiJson.Default.ModelList);
        daemon.On("GET /helix/v1/keys", new KeyList([new("laptop", "hx", [], FakeDaemon.Moment, null)]), ApiJson.Default.KeyList);
        using var command = CommandLine.With(daemon);

        // the first answer of a program that was just compiled may take longer than a suggestion waits
        await Eventually.TrueAsync(
            async () =>
            {
                await command.RunAsync($"[suggest:{line.Length}]", line);
                return command.Out.Split('\n').Contains(expected);
            },
            "the name is suggested");
    }

    [Fact]
    public async Task Spellings_that_nobody_types_are_not_suggested()
    {
        using var command = new CommandLine();

        await command.RunAsync("[suggest:6]", "helix ");

        var words = command.Out.Split('\n');
        Assert.Contains("--help", words);
        Assert.Empty(words.Intersect(["-?", "/?", "/h"]));
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _helix helix")]
    [InlineData("zsh", "#compdef helix")]
    [InlineData("fish", "complete -c helix")]
    public async Task Each_shell_has_a_script_that_asks_helix(string shell, string part)
    {
        using var command = new CommandLine();

        Assert.Equal(0, await command.RunAsync("completion", shell));
        Assert.Contains(part, command.Out);
        Assert.Contains("[suggest:", command.Out);
    }
}
