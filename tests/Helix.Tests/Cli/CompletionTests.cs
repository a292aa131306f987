using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("helix sta", "start\nstatus\nrestart\n")]
    [InlineData("helix local-llm st", "start\nstatus\nstop\nlist\n")]
    [InlineData("helix config get health.ret", "health.retry_delay\n")]
    [InlineData("helix status --format j", "json\n")]
    public async Task What_could_come_next_is_suggested(string line, string expected)
    {
        using var command = new CommandLine();

        await command.RunAsync($"[suggest:{line.Length}]", line);

        Assert.Equal(expected, command.Out);
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
