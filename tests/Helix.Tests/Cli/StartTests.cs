using System.Net;
using Helix.Cli;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Processes;
using Helix.Storage;
using Helix.Tests.Cli.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Cli;

public sealed class StartTests
{
    [Fact]
    public async Task A_start_shows_what_happens_and_ends_with_address_model_chat_and_stop()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = new CommandLine();
        line.Keeper.OnStart = () => Task.FromResult<string?>(daemon.Socket);
        var ready = daemon.Status;
        var starting = ready with
        {
            Providers = [ready.Providers[0] with { State = ProviderState.Starting, Reason = "loading tiny: 40 %" }],
            Models = [ready.Models[0] with { State = "coming", Detail = "loading" }],
            Notes = [],
        };
        var looks = 0;
        daemon.On("GET /helix/v1/status", ctx => FakeDaemon.JsonAsync(ctx, looks++ < 3 ? starting : ready, ApiJson.Default.StatusReport));

        GoldenFile.Check("start", await line.TranscriptAsync("start"));
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 4359), line.Keeper.Started);
        Assert.Equal(DefaultConfig.Text, await File.ReadAllTextAsync(line.Temporary.Home.Config, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_start_with_the_self_test_alone_says_how_to_get_a_real_model()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Status = daemon.Status with { Models = [daemon.Status.Models[1] with { State = "ready" }] };

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("start"));

        Assert.Contains("  model  helix-selftest\n", line.Out);
        Assert.Contains("get a real one with: helix models pull", line.Error);
    }

    [Fact]
    public async Task A_start_where_nothing_starts_by_itself_waits_for_no_model()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.Temporary.WriteConfig("auto_manager: {auto_start: false}\n");
        daemon.Status = daemon.Status with { Models = [] };

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("start"));
        Assert.Contains("  model  none yet\n", line.Out);
    }

    [Fact]
    public async Task A_start_after_the_user_stopped_the_engine_is_no_failure_and_says_how_to_start_it()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Status = daemon.Status with { Models = [.. daemon.Status.Models.Select(model => model with { State = "off", Detail = "stopped by you; helix local-llm start builtin" })] };

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("start"));

        Assert.Contains("  model  none yet\n", line.Out);
        Assert.Contains("note: no model is served: stopped by you; helix local-llm start builtin\n", line.Error);
    }

    [Fact]
    public async Task A_start_of_which_no_model_comes_is_a_failure_with_the_reason_and_the_log()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Status = daemon.Status with { Models = [daemon.Status.Models[0] with { State = "failed", Detail = "it is broken" }] };
        Directory.CreateDirectory(Path.GetDirectoryName(line.Temporary.Home.DaemonLog)!);
        await File.WriteAllTextAsync(line.Temporary.Home.DaemonLog, "of an earlier run\n", TestContext.Current.CancellationToken);
        var failed = daemon.Status;
        daemon.On("GET /helix/v1/status", async ctx =>
        {
            await File.AppendAllTextAsync(line.Temporary.Home.DaemonLog, "first\n   at Some.Method()\nlast words\n");
            await FakeDaemon.JsonAsync(ctx, failed, ApiJson.Default.StatusReport);
        });

        Assert.Equal(ExitCodes.StartFailed, await line.RunAsync("start"));

        Assert.Contains("no model can be served: tiny: it is broken", line.Error);
        Assert.Contains("       first\n       last words\n", line.Error);
        Assert.DoesNotContain("of an earlier run", line.Error);
        Assert.Empty(line.Out);
    }

    [Theory]
    [InlineData(ExitCodes.HomeUnusable)]
    [InlineData(ExitCodes.StartFailed)]
    public async Task Trouble_with_the_home_or_the_keeper_is_said_with_its_remedy(int code)
    {
        using var line = new CommandLine();
        line.Keeper.Trouble = new(code, "it cannot be", "do something else");

        Assert.Equal(code, await line.RunAsync("start"));
        Assert.EndsWith("helix: it cannot be\n       do something else\n", line.Error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task A_daemon_that_does_nothing_but_end_is_not_waited_for_any_longer(int before)
    {
        using var line = new CommandLine();
        Directory.CreateDirectory(Path.GetDirectoryName(line.Temporary.Home.DaemonLog)!);
        await File.WriteAllTextAsync(line.Temporary.Home.DaemonLog, "of an earlier start\n", TestContext.Current.CancellationToken);
        line.Keeper.OnStart = async () =>
        {
            await File.AppendAllTextAsync(line.Temporary.Home.DaemonLog, "it is broken\n   at Some.Method()\n");
            return "/nowhere/s";
        };
        var ends = before;
        line.Keeper.OnDaemonTrouble = () => new(ends++, "exit code 9");

        Assert.Equal(ExitCodes.StartFailed, await line.RunAsync("start"));

        Assert.Contains($"the daemon ended {before + 3} times before it answered (exit code 9)", line.Error);
        Assert.Contains("       it is broken\n", line.Error);
        Assert.DoesNotContain("earlier", line.Error);
    }

    [Fact]
    public async Task What_was_found_running_and_died_meanwhile_is_started_again()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = new CommandLine();
        var starts = 0;
        line.Keeper.OnStart = () => Task.FromResult<string?>(starts++ == 0 ? null : daemon.Socket);
        line.Keeper.OnLook = () => starts > 1 ? KeeperLife.Lives : KeeperLife.Lost;

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("start"));
        Assert.Equal(2, starts);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("stop")]
    public async Task A_helix_that_runs_and_cannot_be_reached_is_not_called_stopped(string verb)
    {
        using var line = new CommandLine();
        line.Keeper.Trouble = new(ExitCodes.HomeUnusable, "helix runs, but its sockets are gone", "end it");

        Assert.Equal(ExitCodes.HomeUnusable, await line.RunAsync(verb));
        Assert.EndsWith("helix: helix runs, but its sockets are gone\n       end it\n", line.Error);
    }

    [Fact]
    public async Task In_the_foreground_the_log_is_shown_and_an_interrupt_stops_everything()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        Directory.CreateDirectory(Path.GetDirectoryName(line.Temporary.Home.DaemonLog)!);
        await File.WriteAllTextAsync(line.Temporary.Home.DaemonLog, "of yesterday\n", TestContext.Current.CancellationToken);
        var run = line.RunAsync("start", "--foreground");

        await Eventually.TrueAsync(() => line.Error.Contains("Ctrl-C stops everything", StringComparison.Ordinal), "it stays");
        await File.AppendAllTextAsync(line.Temporary.Home.DaemonLog, "a line of the log\nhalf", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => line.Error.Contains("a line of the log\n", StringComparison.Ordinal), "the log is shown");
        line.Interrupts.Strike();

        Assert.Equal(ExitCodes.Ok, await run);
        Assert.Equal(1, line.Keeper.Quits);
        Assert.DoesNotContain("of yesterday", line.Error);
        Assert.DoesNotContain("half", line.Error);
    }

    [Fact]
    public async Task In_the_foreground_the_loss_of_everything_is_noticed_and_that_of_a_keeper_which_is_followed_is_not()
    {
        var clock = new FakeTimeProvider();
        var looks = new List<DateTimeOffset>();
        const int back = 3;
        var keeper = new FakeKeeper("/nowhere/s")
        {
            OnLook = () =>
            {
                looks.Add(clock.GetUtcNow());
                return looks.Count == back ? KeeperLife.Lives : KeeperLife.Lost;
            },
        };
        var terminal = new Terminal(() => TextReader.Null, TextWriter.Null, TextWriter.Null, OutIsTerminal: false, ErrorIsTerminal: false, InIsTerminal: false);
        var end = new StayWatch(keeper, clock).ShowUntilTheEndAsync(new LogTail("/nowhere/log", fromEnd: true), terminal, TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(() => end.IsCompleted, () => clock.Advance(TimeSpan.FromMilliseconds(200)), "the loss is noticed");

        Assert.Equal(KeeperLife.Lost, await end);
        Assert.True(looks[^1] - looks[back - 1] >= TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task In_the_foreground_a_helix_that_was_killed_ends_with_a_code_that_has_it_started_again()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.Keeper.OnLook = () => KeeperLife.Lost;

        Assert.Equal(ExitCodes.StartFailed, await line.RunAsync("start", "--foreground"));
        Assert.Contains("helix was not stopped, and yet it is gone", line.Error);
    }

    [Fact]
    public async Task A_start_as_json_is_the_status()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("start", "--format", "json"));
        Assert.StartsWith("{\"version\":\"0.1.0\",\"address\":\"http://127.0.0.1:4359\"", line.Out);
    }

    [Fact]
    public async Task A_restart_waits_for_another_daemon()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.Keeper.OnRenew = () =>
        {
            daemon.Status = daemon.Status with { Pid = 5000 };
            return null;
        };

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("restart"));
        Assert.Contains("(pid 5000)", line.Error);

        line.Keeper.OnRenew = () => "the program is gone";
        Assert.Equal(ExitCodes.StartFailed, await line.RunAsync("restart"));
        Assert.Contains("helix: the program is gone", line.Error);
    }

    [Fact]
    public async Task A_restart_of_everything_stops_and_starts()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.Keeper.OnStart = () => Task.FromResult<string?>(daemon.Socket);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("restart", "--engines"));
        Assert.Equal(1, line.Keeper.Quits);
        Assert.NotNull(line.Keeper.Started);
    }

    [Fact]
    public async Task A_setting_changed_before_the_first_start_leaves_a_home_for_its_owner_alone()
    {
        using var line = new CommandLine();

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("config", "set", "health.check_interval", "60"));

        Assert.Equal(HomeFolder.OwnerOnly, File.GetUnixFileMode(line.Temporary.Home.LocalLlm));
    }

    [Fact]
    public async Task A_running_helix_takes_a_changed_setting_or_says_why_not()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/config/reload", new ReloadReport(true, [], []), ApiJson.Default.ReloadReport);
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("config", "set", "health.check_interval", "60"));
        Assert.Contains("the running helix has taken it", line.Error);

        daemon.On("POST /helix/v1/config/reload", new ReloadReport(false, ["line 1: no"], []), ApiJson.Default.ReloadReport);
        Assert.Equal(ExitCodes.ConfigInvalid, await line.RunAsync("config", "set", "health.check_interval", "61"));
        Assert.Contains("refused it: line 1: no", line.Error);
    }
}
