using System.CommandLine;
using Helix.Contracts;

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
        else foreach (var finding in report.Findings) FindingList.Write(world.Terminal, finding);
        return report.Healthy ? ExitCodes.Ok : ExitCodes.Unhealthy;
    }
}
