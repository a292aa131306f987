using Helix.Cli;
using Helix.Core.Gateway;
using Helix.Core.Reports;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class ReportVerbTests
{
    private static readonly PeriodReport s_report = ReportFacts.Of(ReportInput.Begin(FakeDaemon.Moment.AddDays(-7), FakeDaemon.Moment) with
    {
        Version = "0.1.0",
        Recorded = new(FakeDaemon.Moment.AddDays(-3), null, FakeDaemon.Moment.AddDays(-30)),
        Rows = [new(new((long)(FakeDaemon.Moment.AddHours(-2) - DateTimeOffset.UnixEpoch).TotalMinutes, "laptop", "builtin", "tiny", RequestOutcome.Answered, "here"), new(3, new(30, 60, 0), 0, 3, TimeSpan.FromSeconds(0.6), TimeSpan.FromSeconds(6), 3, default), ReportSource.Engine)],
    });

    [Fact]
    public async Task It_is_written_as_text_a_page_or_data()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/report", s_report, ReportJson.Default.PeriodReport);

        var text = await line.TranscriptAsync("report");
        Assert.StartsWith("$ helix report\n# What helix did\n\n2026-02-22 12:00 UTC to 2026-03-01 12:00 UTC, helix 0.1.0\n", text, StringComparison.Ordinal);
        Assert.Contains("| tiny | 3 | 0.2 s | 10.0 |\n", text, StringComparison.Ordinal);
        Assert.EndsWith("--- exit 0\n\n", text, StringComparison.Ordinal);
        Assert.Contains("\n<!DOCTYPE html>\n", await line.TranscriptAsync("report", "--format", "html"), StringComparison.Ordinal);
        Assert.Contains("\n{\"version\":\"0.1.0\",\"period\":{", await line.TranscriptAsync("report", "--format", "json"), StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("report", "--format", "pdf"));
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("report", "--output", ""));
    }

    [Fact]
    public async Task It_is_asked_for_as_it_was_typed()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var query = "";
        daemon.On("GET /helix/v1/report", context =>
        {
            query = context.Request.QueryString.Value;
            return FakeDaemon.JsonAsync(context, s_report, ReportJson.Default.PeriodReport);
        });

        await line.RunAsync("report");
        Assert.Equal("?since=7d", query);
        await line.RunAsync("report", "--since", "2026-02-01T08:30", "--against", "openai/gpt-4.1,own/a b");
        Assert.Equal("?since=2026-02-01T08%3A30&against=openai%2Fgpt-4.1%2Cown%2Fa%20b", query);
        daemon.Refuse("GET /helix/v1/report", 400, new("invalid", "since: never is not a time"));
        Assert.Equal(ExitCodes.Refused, await line.RunAsync("report", "--since", "never"));
    }

    [Fact]
    public async Task It_goes_into_a_file_and_what_keeps_it_from_that_is_said()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/report", s_report, ReportJson.Default.PeriodReport);
        Directory.CreateDirectory(line.Temporary.Home.Root);
        var file = Path.Combine(line.Temporary.Home.Root, "report.html");

        Assert.Equal("$ helix report --format html -o HOME/report.html\n--- stderr\nthe report is in HOME/report.html\n--- exit 0\n\n", await line.TranscriptAsync("report", "--format", "html", "-o", file));
        Assert.Equal(ReportHtml.Of(ReportPages.Of(s_report)), await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(ExitCodes.Refused, await line.RunAsync("report", "--output", Path.Combine(line.Temporary.Home.Root, "no", "such", "folder.html")));
    }

    [Fact]
    public async Task Where_helix_does_not_run_that_is_said()
    {
        using var line = new CommandLine();

        Assert.Equal(ExitCodes.NotRunning, await line.RunAsync("report"));
    }
}
