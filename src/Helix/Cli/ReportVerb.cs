using System.CommandLine;
using System.Text;
using System.Text.Json;
using Helix.Core.History;
using Helix.Core.Reports;

namespace Helix.Cli;

/// <summary>Tells of a time what helix did, what was asked of it, and what that would have cost elsewhere.</summary>
internal static class ReportVerb
{
    private const string Usual = "7d";

    public static Command Create(CliWorld world)
    {
        var since = new Option<string>("--since") { Description = $"From then on: {Since.Expected}.", HelpName = "TIME", DefaultValueFactory = _ => Usual };
        var format = new Option<string>(FormatOption.Name) { Description = "How to write it: text for reading (md), one page with charts for a browser (html), or data (json).", DefaultValueFactory = _ => "md" };
        format.AcceptOnlyFromAmong("html", "md", "json");
        var output = new Option<string?>("--output", "-o") { Description = "Write it into this file instead.", HelpName = "FILE" };
        var against = new Option<string?>("--against") { Description = "Compare with what these models of clouds cost, several with commas between; without it, with a low, a middle and a high price.", HelpName = "MODELS" };
        Verb.RefuseEmpty(since.Validators, "--since");
        Verb.RefuseEmpty(output.Validators, "--output");
        var verb = new Verb(
            "report", "Report on a time: uptime, recoveries, updates, requests, tokens, speed, savings, and what to do.",
            "helix report", "helix report --since 4w --format html --output report.html", "helix report --against openai/gpt-4.1-mini --format json") { since, format, output, against };
        verb.SetAction((parse, cancellationToken) => RunAsync(
            $"/helix/v1/report?since={Uri.EscapeDataString(parse.GetValue(since)!)}{(parse.GetValue(against) is { } models ? $"&against={Uri.EscapeDataString(models)}" : "")}",
            parse.GetValue(format)!, parse.GetValue(output), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(string path, string format, string? file, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync(path, ReportJson.Default.PeriodReport, cancellationToken);
        if (answer is not Answer<PeriodReport>.Is(var report)) return answer.Fail(world.Terminal);
        var text = format switch
        {
            "html" => ReportHtml.Of(ReportPages.Of(report)),
            "json" => JsonSerializer.Serialize(report, ReportJson.Default.PeriodReport) + "\n",
            _ => ReportMarkdown.Of(ReportPages.Of(report)),
        };
        if (file is null)
        {
            await world.Terminal.Out.WriteAsync(world.Terminal.Shown(text));
            return ExitCodes.Ok;
        }

        try
        {
            await File.WriteAllTextAsync(file, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), cancellationToken);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return world.Terminal.Fail(ExitCodes.Refused, $"{file} cannot be written: {refused.Message}", "check the path, who may write there, and the room on the disk");
        }

        world.Terminal.Say($"the report is in {file}");
        return ExitCodes.Ok;
    }
}
