using System.CommandLine;
using System.Globalization;
using Helix.Contracts;
using Helix.Core.Alerts;
using Helix.Core.Cli;
using Helix.Core.History;

namespace Helix.Cli;

internal static class HealthVerb
{
    public static Command Create(CliWorld world)
    {
        var verb = new Verb("health", "Show what is healthy, what is not, and what to do about it.", "helix local-llm health", "helix local-llm health --format json");
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/health", ApiJson.Default.HealthReport, cancellationToken);
        if (answer is not Answer<HealthReport>.Is(var report)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) world.Terminal.WriteJson(report, ApiJson.Default.HealthReport);
        else
        {
            foreach (var finding in report.Findings) FindingList.Write(world.Terminal, finding);
            if (await daemon.GetAsync("/helix/v1/alerts", AlertApiJson.Default.AlertList, cancellationToken) is Answer<AlertList>.Is(var alerts)) Write(world.Terminal, alerts);
            if (await daemon.GetAsync("/helix/v1/uptime", HistoryJson.Default.UptimeList, cancellationToken) is Answer<UptimeList>.Is({ Uptime.Count: > 0 } uptime)) Write(world.Terminal, uptime);
        }

        return report.Healthy ? ExitCodes.Ok : ExitCodes.Unhealthy;
    }

    /// <summary>What somebody should know of and nobody has acknowledged, each with what is left to do.</summary>
    private static void Write(Terminal terminal, AlertList list)
    {
        foreach (var alert in list.Alerts.Where(alert => alert.State == AlertState.Firing))
            FindingList.Write(terminal, new(alert.Subject ?? alert.Provider ?? "helix", alert.Severity.Word(), $"{alert.What} (alert {alert.Id}, since {alert.Since.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC)", alert.Left ?? $"helix alerts show {alert.Id}"));
    }

    private static void Write(Terminal terminal, UptimeList list)
    {
        terminal.Out.WriteLine();
        terminal.WriteTable(
            ["UPTIME OF", "TODAY", "30 DAYS", "DOWN TODAY", "DOWN IN 30 DAYS"],
            list.Uptime.Select(who => new[] { who.Id, Share(who.Today), Share(who.Month), Down(who.DownSecondsToday), Down(who.DownSecondsMonth) }));
    }

    /// <summary>Cut, not rounded: what was down once is never shown as 100 %.</summary>
    private static string Share(double? share) => share is { } part ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(part * 100_000) / 1000:0.000} %") : "–";

    private static string Down(double seconds) => seconds is > 0 and < 60 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s") : Human.Span(TimeSpan.FromSeconds(seconds));
}
