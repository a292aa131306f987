using System.CommandLine;
using Helix.Contracts;
using Helix.Core.Hardware;
using Helix.Core.History;

namespace Helix.Cli;

internal static class DoctorVerb
{
    public static Command Create(CliWorld world)
    {
        var harden = new Option<bool>("--harden") { Description = "Show what could be safer, why, and the command that does it; change nothing." };
        var verb = new Verb("doctor", "Look whether this machine has what helix and the engines need, with the fix for each finding.", "helix doctor", "helix doctor --harden", "helix doctor --format json") { harden };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => parse.GetValue(harden) ? HardenView.RunAsync(parse, world, cancellationToken) : RunAsync(parse, world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        var (address, open) = await DaemonAsync(world, cancellationToken);
        var findings = Preflight.Of(await world.Measure(address, cancellationToken));
        var report = new HealthReport(findings.All(finding => finding.Level != FindingLevel.Error) && open?.Level != "error", [.. findings.Select(ReportOf), .. open is null ? Array.Empty<HealthFinding>() : [open]]);
        if (parse.IsJson()) world.Terminal.WriteJson(report, ApiJson.Default.HealthReport);
        else foreach (var finding in report.Findings) FindingList.Write(world.Terminal, finding);
        return report.Healthy ? ExitCodes.Ok : ExitCodes.Unhealthy;
    }

    /// <summary>Where helix answers, and what it found of its own safety; null if it does not, or found nothing.</summary>
    private static async Task<(string? Address, HealthFinding? Open)> DaemonAsync(CliWorld world, CancellationToken cancellationToken)
    {
        if (world.Keeper.Socket is null) return (null, null);
        using var daemon = world.Daemon();
        if (await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, cancellationToken) is not Answer<StatusReport>.Is(var status)) return (null, null);
        return (status.Address, await daemon.GetAsync("/helix/v1/security", SecurityJson.Default.SecurityReport, cancellationToken) is Answer<SecurityReport>.Is(var security) ? OpenOf(security) : null);
    }

    private static HealthFinding? OpenOf(SecurityReport security)
    {
        var open = security.Findings.Where(finding => finding is { Done: null, Severity: >= Severity.Warning }).ToArray();
        return open.Length == 0 ? null : new(
            "security", open.Any(finding => finding.Severity >= Severity.Error) ? "error" : "warning",
            $"{open[0].What}{(open.Length > 1 ? $"; and {open.Length - 1} more" : "")}", "helix doctor --harden shows all, with what to do.");
    }

    private static HealthFinding ReportOf(Finding finding) => new(finding.Subject, finding.Level.ToString().ToLowerInvariant(), finding.What, finding.Remedy);
}
