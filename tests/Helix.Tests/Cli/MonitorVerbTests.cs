using System.Text.Json.Nodes;
using Helix.Cli;
using Helix.Contracts;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Tests.Cli.Fakes;
using Helix.Tests.Screen;

namespace Helix.Tests.Cli;

public sealed class MonitorVerbTests
{
    private const string Live = "GET /helix/v1/live";

    [Fact]
    public async Task One_frame_is_plain_text()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Streams(Live, MonitorLoopTests.Snapshot.TrimEnd('\n'));

        GoldenFile.Check("monitor", await line.TranscriptAsync("local-llm", "monitor") + await line.TranscriptAsync("local-llm", "monitor", "--once", "--filter", "nothing like that", "--sort", "memory"));
        Assert.DoesNotContain('\e', line.Out);
    }

    [Fact]
    public async Task At_a_terminal_one_frame_is_written_where_it_is_asked_for()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.IsTerminal = true;
        line.Colours = true;
        daemon.Streams(Live, MonitorLoopTests.Snapshot.TrimEnd('\n'));

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("local-llm", "monitor", "--once"));
        Assert.Contains("builtin", line.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', line.Out);
    }

    [Fact]
    public async Task A_program_gets_the_parts_by_their_names()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Streams(Live, MonitorLoopTests.Snapshot.TrimEnd('\n'));

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("local-llm", "monitor", "--format", "json"));

        var all = JsonNode.Parse(line.Out)!;
        Assert.Equal("ready", (string?)all["providers"]!["builtin"]!["state"]);
        Assert.Equal("ti\e[31mny", (string?)all["providers"]!["builtin"]!["model"]);
        Assert.DoesNotContain('\e', line.Out);
        Assert.Single(line.Out.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_daemon_that_tells_nothing_or_refuses_is_no_frame()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Refuse(Live, 403, new("forbidden", "not you", "ask somebody"));
        Assert.Equal(ExitCodes.Refused, await line.RunAsync("local-llm", "monitor"));
        Assert.Contains("not you", line.Error, StringComparison.Ordinal);

        daemon.Streams(Live, ": nothing");
        Assert.Equal(ExitCodes.TimedOut, await line.RunAsync("local-llm", "monitor"));
        Assert.Equal("", line.Out);

        line.Keeper.Socket = null;
        Assert.Equal(ExitCodes.NotRunning, await line.RunAsync("local-llm", "monitor"));
    }

    [Fact]
    public async Task Health_names_what_nobody_has_acknowledged_and_what_is_left_to_do()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/health", new HealthReport(true, [new("builtin", "ok", "answers", null)]), ApiJson.Default.HealthReport);
        daemon.On("GET /helix/v1/alerts", new AlertList([Alert(7, AlertState.Firing, "renew it"), Alert(8, AlertState.Acknowledged, "no more"), Alert(9, AlertState.Firing, null)], 3, 2), AlertApiJson.Default.AlertList);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("local-llm", "health"));

        Assert.Equal(
            "ok       builtin: answers\nerror    key: it is old (alert 7, since 2026-03-01 12:00 UTC)\n         renew it\nerror    key: it is old (alert 9, since 2026-03-01 12:00 UTC)\n         helix alerts show 9\n", line.Out);

        static AlertReport Alert(long id, AlertState state, string? left) =>
            new(id, state, AlertType.Security, Severity.Error, "rule", "cause", null, "key", "it is old", null, left, FakeDaemon.Moment, FakeDaemon.Moment, 1);
    }
}
