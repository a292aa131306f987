using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>The monitor of the published program, in a real terminal.</summary>
public sealed class MonitorTests(MonitorTests.Watched watched) : IClassFixture<MonitorTests.Watched>
{
    private const string Keys = "? help  q leave";

    private readonly TempHome _home = watched.Home;

    [Fact]
    public async Task It_shows_what_there_is_does_what_is_asked_for_and_gives_the_terminal_back()
    {
        Assert.SkipUnless(Tmux.IsThere, "tmux is not installed");
        await using var terminal = await Tmux.StartAsync(_home);
        await terminal.RunAsync($"{Binary.Path} local-llm monitor");
        var screen = await terminal.ShowsAsync(text => text.Contains(Keys, StringComparison.Ordinal) && IsState(text, "builtin", "ready") && text.Contains("AUTOMATION", StringComparison.Ordinal), "all of it");
        var lines = screen.Split('\n');
        Assert.True(lines.Length <= 24 && lines.All(line => line.Length <= 80), screen);
        Assert.Contains(lines, line => line.StartsWith("> builtin", StringComparison.Ordinal) && line.Contains("ready", StringComparison.Ordinal));
        Assert.Contains("\e[", await terminal.ColouredAsync(), StringComparison.Ordinal);

        await terminal.TypeAsync("x");
        await terminal.ShowsAsync("stop builtin? [y/N]");
        await terminal.TypeAsync("n");
        await terminal.ShowsAsync("nothing was changed");
        await terminal.TypeAsync("x");
        await terminal.ShowsAsync("stop builtin? [y/N]");
        await terminal.TypeAsync("y");
        await terminal.ShowsAsync(text => IsState(text, "builtin", "standby"), "it is stopped");
        await terminal.TypeAsync("s");
        await terminal.ShowsAsync("start builtin? [y/N]");
        await terminal.TypeAsync("y");
        await terminal.ShowsAsync(text => IsState(text, "builtin", "ready") && text.Contains("builtin is ready: ", StringComparison.Ordinal), "it is back, and that is said");
        await terminal.PressAsync("Escape"); // what was said has been read, and makes room for the keys

        await terminal.ResizeAsync(150, 40);
        await terminal.ShowsAsync(text => text.Contains("REASON", StringComparison.Ordinal) && text.Split('\n').Any(line => line.Length > 80), "what has room now");
        await terminal.ResizeAsync(30, 6);
        await terminal.ShowsAsync(text => text.Split('\n').All(line => line.Length <= 30) && text.Contains("builtin", StringComparison.Ordinal), "what has room still");
        await terminal.ResizeAsync(80, 24);
        await terminal.ShowsAsync(Keys);

        await terminal.TypeAsync("l");
        await terminal.ShowsAsync("log of builtin");
        await terminal.PressAsync("Escape");
        await terminal.ShowsAsync(Keys);

        await terminal.PressAsync("C-z");
        await terminal.ShowsAsync(text => text.Contains("Stopped", StringComparison.Ordinal) && !text.Contains("AUTOMATION", StringComparison.Ordinal), "the shell is back");
        await terminal.RunAsync("fg");
        await terminal.ShowsAsync(Keys);

        await terminal.TypeAsync("q");
        await terminal.ShowsAsync(text => !text.Contains("AUTOMATION", StringComparison.Ordinal), "the shell is back");
        await terminal.RunAsync("""code=$?; clear; echo ended with $code; stty -a | tr ';' '\n' | grep -oE -- '-?(icanon|isig|echo)( |$)'""");
        screen = await terminal.ShowsAsync(text => text.Contains("ended with 0", StringComparison.Ordinal) && text.Contains("echo", StringComparison.Ordinal), "how it ended");
        Assert.Equal(["echo", "icanon", "isig"], screen.Split('\n').Select(line => line.Trim()).Where(line => line.TrimStart('-') is "icanon" or "isig" or "echo").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_outlives_the_daemon_and_a_signal_gives_the_terminal_back()
    {
        Assert.SkipUnless(Tmux.IsThere, "tmux is not installed");
        await using var terminal = await Tmux.StartAsync(_home);
        await terminal.RunAsync($"NO_COLOR=1 {Binary.Path} local-llm monitor");
        await terminal.ShowsAsync(text => IsState(text, "builtin", "ready"), "it is ready");
        Assert.DoesNotContain("\e[3", await terminal.ColouredAsync(), StringComparison.Ordinal);

        Processes.Signal(_home.Daemon, Processes.Kill);
        await terminal.ShowsAsync("helix is not heard");
        await terminal.ShowsAsync(text => !text.Contains("helix is not heard", StringComparison.Ordinal) && IsState(text, "builtin", "ready"), "the next daemon is heard");

        var monitor = _home.Alive.Single(process => process.CommandLine.EndsWith("local-llm monitor", StringComparison.Ordinal));
        Processes.Signal(monitor, Processes.Terminate);
        await terminal.ShowsAsync(text => !text.Contains(Keys, StringComparison.Ordinal), "the shell is back");
        await terminal.RunAsync("echo ended with $?; stty -a");
        var screen = await terminal.ShowsAsync("icanon");
        Assert.Contains("ended with 130", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("-icanon", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_engine_logged_is_text_on_a_terminal_and_does_nothing_to_it()
    {
        Assert.SkipUnless(Tmux.IsThere, "tmux is not installed");
        var log = Path.Combine(_home.LocalLlm, "logs", "builtin", "zz-hostile.log");
        await File.WriteAllTextAsync(log, "it goes on\n\e[2J\e[31mred \e]0;pwned\a\n", TestContext.Current.CancellationToken);
        await using var terminal = await Tmux.StartAsync(_home);

        await terminal.RunAsync($"{Binary.Path} local-llm logs builtin -n 2");

        // what a terminal obeys is not on its screen
        await terminal.ShowsAsync(text => text.Contains("it goes on", StringComparison.Ordinal) && text.Contains("]0;pwned", StringComparison.Ordinal), "the line as it was written");
        Assert.DoesNotContain("\e[31m", await terminal.ColouredAsync(), StringComparison.Ordinal);
        File.Delete(log);
    }

    [Fact]
    public async Task A_program_gets_one_frame_or_all_of_it_as_JSON()
    {
        var frame = (await _home.HelixAsync("local-llm", "monitor")).Succeeded();
        Assert.Contains("builtin", frame.Out, StringComparison.Ordinal);
        Assert.Contains("requests/s", frame.Out, StringComparison.Ordinal);
        Assert.Contains("AUTOMATION", frame.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', frame.Out);
        Assert.All(frame.Out.Split('\n'), line => Assert.True(line.Length <= 120, line));

        var all = JsonNode.Parse((await _home.HelixAsync("local-llm", "monitor", "--format", "json")).Succeeded().Out)!;
        Assert.NotNull((string?)all["providers"]!["builtin"]!["state"]);
        Assert.NotNull((double?)all["traffic"]!["now"]!["requests_per_second"]);
        Assert.Equal(6, all["automations"]!.AsObject().Count);
    }

    /// <summary>The row of a provider says so.</summary>
    private static bool IsState(string screen, string provider, string state) =>
        screen.Split('\n').Any(line => line.Length > 20 && line[2..].StartsWith($"{provider} ", StringComparison.Ordinal) && line[17..].StartsWith(state, StringComparison.Ordinal));

    public sealed class Watched : RunningHome;
}
