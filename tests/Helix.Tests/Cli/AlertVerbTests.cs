using System.Text.Json;
using Helix.Cli;
using Helix.Contracts;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class AlertVerbTests
{
    private static readonly AlertReport s_alert = new(
        12, AlertState.Firing, AlertType.Health, Severity.Critical, "engine-down", "engine_down", "vllm", "vllm-m", "vllm-m cannot be brought back", "it was installed again", "helix local-llm logs vllm",
        FakeDaemon.Moment, FakeDaemon.Moment.AddMinutes(5), 3) { Told = ["web"], Link = "http://127.0.0.1:4359/#alerts/12" };

    [Fact]
    public async Task They_are_listed_and_shown()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/alerts", new AlertList([s_alert], 1, 1), AlertApiJson.Default.AlertList);
        daemon.On("GET /helix/v1/alerts/12", s_alert with { Acknowledged = FakeDaemon.Moment, By = "ann", Note = "I know" }, AlertApiJson.Default.AlertReport);

        Assert.Equal(
            """
            $ helix alerts list --severity error
            ID  STATE   SEVERITY  TYPE    SINCE (UTC)          SEEN  ABOUT   WHAT
            12  firing  critical  health  2026-03-01 12:00:00  3     vllm-m  vllm-m cannot be brought back
            --- exit 0


            """,
            await line.TranscriptAsync("alerts", "list", "--severity", "error"));
        Assert.Equal(
            """
            $ helix alerts show 12
            alert          12, firing, critical, health (engine_down)
            what           vllm-m cannot be brought back
            since          2026-03-01 12:00:00 UTC, seen 3 times
            helix did      it was installed again
            left to do     helix local-llm logs vllm
            acknowledged   2026-03-01 12:00:00 UTC by ann: I know
            told           web
            link           http://127.0.0.1:4359/#alerts/12
            --- exit 0


            """,
            await line.TranscriptAsync("alerts", "show", "12"));
        Assert.Equal(ExitCodes.NotFound, await line.RunAsync("alerts", "show", "13"));
        await line.RunAsync("alerts", "list", "--format", "json");
        Assert.Contains("\"state\":\"firing\",\"type\":\"health\",\"severity\":\"critical\"", line.Out, StringComparison.Ordinal);

        daemon.On("GET /helix/v1/alerts", new AlertList([], 0, 0), AlertApiJson.Default.AlertList);
        Assert.Contains("there are no such alerts", await line.TranscriptAsync("alerts", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task They_are_acknowledged_by_number_or_all_together()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/alerts/ack", new Done("2 alerts are acknowledged"), ApiJson.Default.Done);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "ack", "12", "13", "--note", "I know"));
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "ack", "--all"));
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "ack"));
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "ack", "12", "--all"));
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "ack", "twelve"));

        AckRequest[] sent = [.. daemon.Asked.Select(asked => JsonSerializer.Deserialize(asked.Body, AlertApiJson.Default.AckRequest)!)];
        Assert.Equal(2, sent.Length);
        Assert.Equal("12,13", string.Join(',', sent[0].Ids!));
        Assert.Equal(("I know", false), (sent[0].Note, sent[0].All));
        Assert.Equal((true, true), (sent[1].All, sent[1].Ids is null));
    }

    [Fact]
    public async Task They_are_resolved_by_number()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/alerts/resolve", new Done("2 alerts are resolved"), ApiJson.Default.Done);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "resolve", "12", "13", "--note", "mended"));
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "resolve"));
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "resolve", "twelve"));

        var sent = JsonSerializer.Deserialize(Assert.Single(daemon.Asked).Body, AlertApiJson.Default.ResolveRequest)!;
        Assert.Equal(("12,13", "mended"), (string.Join(',', sent.Ids), sent.Note));
        Assert.False(string.IsNullOrEmpty(sent.By));
    }

    [Fact]
    public async Task They_are_silenced_and_heard_again()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/alerts/silences", new Done("silent"), ApiJson.Default.Done);
        daemon.On("DELETE /helix/v1/alerts/silences/3", new Done("over"), ApiJson.Default.Done);
        daemon.On("GET /helix/v1/alerts/silences", new SilenceList([new(3, AlertType.Health, null, "vllm", null, FakeDaemon.Moment, FakeDaemon.Moment.AddHours(2), "ann", "moving", "health alerts of vllm")]), AlertApiJson.Default.SilenceList);

        await line.RunAsync("alerts", "silence", "12", "--for", "2h");
        await line.RunAsync("alerts", "silence", "--type", "health", "--provider", "vllm", "--comment", "moving");
        SilenceRequest[] sent = [.. daemon.Asked.Select(asked => JsonSerializer.Deserialize(asked.Body, AlertApiJson.Default.SilenceRequest)! with { By = null })];
        Assert.Equal(new SilenceRequest("2h", 12), sent[0]);
        Assert.Equal(new SilenceRequest("1h", null, AlertType.Health, null, "vllm", Comment: "moving"), sent[1]);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "unsilence", "3"));
        Assert.Contains("3   2026-03-01 14:00:00  ann  health alerts of vllm  moving", await line.TranscriptAsync("alerts", "list", "--silences"), StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "silence", "--type", "pain"));
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "silence", "twelve"));
    }

    [Fact]
    public async Task Messages_are_written_as_they_come_and_no_other_event_is()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var message = new MessageReport(7, "h-7", "web", FakeDaemon.Moment, "sent", 0, FakeDaemon.Moment, null, Severity.Critical, 1, 0, "critical: down", "CRITICAL down\n", [12], false);
        daemon.Streams(
            "GET /helix/v1/alerts/watch", "id: 6\nevent: changed\ndata: {\"open\":1,\"unacknowledged\":1}",
            $"id: 7\nevent: message\ndata: {JsonSerializer.Serialize(message, AlertApiJson.Default.MessageReport)}");
        var watching = line.RunAsync("alerts", "watch");

        await Eventually.TrueAsync(() => line.Out.Length > 0);
        line.Interrupts.Strike();

        Assert.Equal(ExitCodes.Interrupted, await watching);
        Assert.StartsWith("CRITICAL down\n\n", line.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("unacknowledged", line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_are_shown_and_taken_from_a_file()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var list = new RuleList([new("disk-full", true, AlertType.Resource, Severity.Critical, 60, "disk_free_percent below 1 %, until 2", null), new("mine", false, null, null, 0, "critical", null)], "/h/alerts.yaml", "", "rules: shipped\n", []);
        daemon.On("GET /helix/v1/alerts/rules", list, AlertApiJson.Default.RuleList);
        daemon.On("PUT /helix/v1/alerts/rules", list, AlertApiJson.Default.RuleList);
        var file = Path.Combine(line.Temporary.Home.Root, "rules.yaml");
        await File.WriteAllTextAsync(file, "rules:\n", TestContext.Current.CancellationToken);

        Assert.Equal(
            """
            $ helix alerts rules
            RULE       ON   TYPE      SEVERITY  FOR    LOOKS FOR
            disk-full  yes  resource  critical  1 min  disk_free_percent below 1 %, until 2
            mine       no   by cause  by cause         critical
            --- exit 0


            """,
            await line.TranscriptAsync("alerts", "rules"));
        Assert.StartsWith("$ helix alerts rules --text\nrules: shipped\n", await line.TranscriptAsync("alerts", "rules", "--text"), StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "rules", "--set", file));
        Assert.Equal("{\"text\":\"rules:\\n\"}", daemon.Asked.Last().Body);
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "rules", "--reset"));
        Assert.Equal("{\"text\":\"\"}", daemon.Asked.Last().Body);
        Assert.Equal(ExitCodes.NotFound, await line.RunAsync("alerts", "rules", "--set", "/nowhere/rules.yaml"));
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "rules", "--set", file, "--reset"));

        daemon.Refuse("PUT /helix/v1/alerts/rules", 400, new("invalid", "line 2: rules[0].nam: there is no such key", "The rules before hold."));
        Assert.Equal(ExitCodes.Refused, await line.RunAsync("alerts", "rules", "--set", file));
    }

    [Fact]
    public async Task Channels_are_shown_and_tried_out()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On(
            "GET /helix/v1/alerts/channels",
            new ChannelList([new("web", true, Severity.Info, 60, 0, 0, FakeDaemon.Moment, null, null, null), new("mail", false, null, null, 2, 1, null, FakeDaemon.Moment, FakeDaemon.Moment, "it cannot be reached") { Where = "ann@x.example" }]),
            AlertApiJson.Default.ChannelList);
        Assert.Equal(
            """
            $ helix alerts channels
            CHANNEL  ON   FROM  HOURLY  WAITING  FAILED  LAST SENT (UTC)      WHERE          TROUBLE
            web      yes  info  60      0        0       2026-03-01 12:00:00  -
            mail     no   -     -       2        1       -                    ann@x.example  it cannot be reached
            --- exit 0


            """,
            await line.TranscriptAsync("alerts", "channels"));

        foreach (var (state, code) in new[] { ("sent", ExitCodes.Ok), ("waiting", ExitCodes.TimedOut), ("failed", ExitCodes.Refused) })
        {
            daemon.On("POST /helix/v1/alerts/test/web", new ChannelTest("web", state, "what came of it"), AlertApiJson.Default.ChannelTest);
            Assert.Equal(code, await line.RunAsync("alerts", "test", "web"));
        }

        daemon.Refuse("POST /helix/v1/alerts/test/pigeon", 404, new("not_found", "there is no channel pigeon", "There are web."));
        Assert.Equal(ExitCodes.NotFound, await line.RunAsync("alerts", "test", "pigeon"));
    }

    [Fact]
    public async Task Channels_are_set_up_with_a_secret_that_stands_on_no_command_line()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        foreach (var channel in ChannelNames.All) daemon.On($"PUT /helix/v1/alerts/channels/{channel}", new Done($"{channel} is set up"), ApiJson.Default.Done);
        daemon.On("DELETE /helix/v1/alerts/channels/slack", new Done("slack is told nothing more"), ApiJson.Default.Done);
        daemon.Refuse("PUT /helix/v1/alerts/channels/pigeon", 404, new("not_found", "there is no channel pigeon", "There are email."));
        var file = Path.Combine(line.Temporary.Home.Root, "token.txt");
        await File.WriteAllTextAsync(file, "xoxb-1\n", TestContext.Current.CancellationToken);

        line.In = new StringReader("https://hooks.slack.com/services/x\n");
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "setup", "slack"));
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "setup", "slack", "--place", "C1", "--secret-file", file));
        (line.IsTerminal, line.Hidden) = (true, () => "p");
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "setup", "email", "--server", "smtp.example.org", "--user", "h", "--from", "h@x.org", "--to", "a@x.org, b@x.org"));
        Assert.Contains("password of h (it is not shown): ", line.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "setup", "email", "--server", "localhost:25", "--safety", "none", "--from", "h@x.org", "--to", "a@x.org"));
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "setup", "webhook", "--url", "https://x.example/"));

        ChannelSetup[] sent = [.. daemon.Asked.Select(asked => JsonSerializer.Deserialize(asked.Body, AlertApiJson.Default.ChannelSetup)!)];
        Assert.Equal(["https://hooks.slack.com/services/x", "xoxb-1", "p", null, "p"], sent.Select(each => each.Secret));
        Assert.Equal(["a@x.org", "b@x.org"], sent[2].To!);
        Assert.Equal(((string?)null, "C1", "none", "https://x.example/"), (sent[0].Place, sent[1].Place, sent[3].Safety, sent[4].Url));

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("alerts", "remove", "slack"));
        Assert.Equal(ExitCodes.NotFound, await line.RunAsync("alerts", "setup", "pigeon"));
        line.Hidden = () => "";
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "setup", "discord"));
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "setup", "email", "--server", "smtp.example.org", "--secret-file", file));
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("alerts", "setup", "email", "--safety", "maybe"));
        Assert.Equal(ExitCodes.NotFound, await line.RunAsync("alerts", "setup", "discord", "--secret-file", "/nowhere/secret"));
    }
}
