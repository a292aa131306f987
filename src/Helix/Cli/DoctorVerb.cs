using System.CommandLine;
using Helix.Contracts;
using Helix.Core.Hardware;

namespace Helix.Cli;

internal static class DoctorVerb
{
    public static Command Create(CliWorld world)
    {
        var verb = new Verb("doctor", "Look whether this machine has what helix and the engines need, with the fix for each finding.", "helix doctor", "helix doctor --format json");
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        var findings = Preflight.Of(await world.Measure(await AddressAsync(world, cancellationToken), cancellationToken));
        var report = new HealthReport(findings.All(finding => finding.Level != FindingLevel.Error), [.. findings.Select(ReportOf)]);
        if (parse.IsJson()) world.Terminal.WriteJson(report, ApiJson.Default.HealthReport);
        else foreach (var finding in report.Findings) FindingList.Write(world.Terminal, finding);
        return report.Healthy ? ExitCodes.Ok : ExitCodes.Unhealthy;
    }

    /// <summary>Where helix answers; null if it does not.</summary>
    private static async Task<string?> AddressAsync(CliWorld world, CancellationToken cancellationToken)
    {
        if (world.Keeper.Socket is null) return null;
        using var daemon = world.Daemon();
        return await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, cancellationToken) is Answer<StatusReport>.Is(var status) ? status.Address : null;
    }

    private static HealthFinding ReportOf(Finding finding) => new(finding.Subject, finding.Level.ToString().ToLowerInvariant(), finding.What, finding.Remedy);
}
