using System.Text.Json;
using Helix.Cli;
using Helix.Contracts;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class CaptureVerbTests
{
    private static readonly CaptureReport s_capture = new(
        "019cab0000010001", FakeDaemon.Moment, "req_1", "", "builtin", "m", "/v1/chat/completions", "ollama", "answered", 200,
        JsonElement.Parse("""{"model":"m","messages":[]}"""), "red \u001b[31m é", null, [new("clock", "{}")], "stop", 2, false);

    [Fact]
    public async Task What_is_kept_is_listed_and_shown_without_anything_that_moves_a_terminal()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/captures", new CaptureList(true, 3, [s_capture.Line()]), CaptureJson.Default.CaptureList);
        daemon.On("GET /helix/v1/captures/019cab0000010001", s_capture, CaptureJson.Default.CaptureReport);

        var list = await line.TranscriptAsync("captures", "list");
        Assert.Contains("019cab0000010001", list, StringComparison.Ordinal);
        Assert.Contains("3 more came faster", list, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("captures", "show", "019cab0000010001"));
        Assert.Contains("asked:\n{\n  \"model\": \"m\",\n  \"messages\": []\n}\n", line.Out, StringComparison.Ordinal);
        Assert.Contains("answered:\nred \ufffd[31m é\n", line.Out, StringComparison.Ordinal);
        Assert.Contains("called:\nclock {}\n", line.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("thought", line.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_machine_that_answered_is_named_and_told_as_unknown_where_it_was_not_kept()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/captures", new CaptureList(true, 0, [s_capture.Line(), (s_capture with { Node = "box-1" }).Line()]), CaptureJson.Default.CaptureList);
        daemon.On("GET /helix/v1/captures/019cab0000010001", s_capture with { Node = "box-1" }, CaptureJson.Default.CaptureReport);

        await line.RunAsync("captures", "list");

        Assert.Equal(["unknown", "box-1"], line.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row.Contains("box-1", StringComparison.Ordinal) ? "box-1" : row.Contains("unknown", StringComparison.Ordinal) ? "unknown" : row));
        Assert.Contains("builtin with m on box-1: answered (200)", await line.TranscriptAsync("captures", "show", "019cab0000010001"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_is_kept_it_is_said_how_to_have_it_kept()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/captures", new CaptureList(false, 0, []), CaptureJson.Default.CaptureList);

        Assert.Contains("helix config set gateway.capture true", await line.TranscriptAsync("captures", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_are_thrown_away()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("DELETE /helix/v1/captures", new Done("2 requests are thrown away."), ApiJson.Default.Done);

        Assert.Equal("$ helix captures clear\n--- stderr\n2 requests are thrown away.\n--- exit 0\n\n", await line.TranscriptAsync("captures", "clear"));
    }
}
