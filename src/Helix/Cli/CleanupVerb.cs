using System.CommandLine;
using Helix.Contracts;
using Helix.Core.Models;

namespace Helix.Cli;

internal static class CleanupVerb
{
    public static Command Create(CliWorld world)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would go." };
        var verb = new Verb("cleanup", "Throw away what nobody needs: old releases, downloads, work of broken-off builds, old logs, temporary files.", "helix local-llm cleanup --dry-run", "helix local-llm cleanup") { dryRun };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, parse.GetValue(dryRun), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, bool dryRun, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.PostPatientlyAsync($"/helix/v1/cleanup?dry_run={(dryRun ? "true" : "false")}", null, ApiJson.Default.CleanupReport, cancellationToken);
        if (answer is not Answer<CleanupReport>.Is(var report)) return answer.Fail(world.Terminal);
        var left = report.Items.Where(item => item.Problem is not null).ToArray();
        var code = left.Length == 0 ? ExitCodes.Ok : ExitCodes.Refused;
        if (parse.IsJson())
        {
            world.Terminal.WriteJson(report, ApiJson.Default.CleanupReport);
            return code;
        }

        if (report.Items.Count > 0) world.Terminal.WriteTable(["SIZE", "WHAT", "WHERE"], report.Items.Select(item => new[] { ByteCount.Words(item.Bytes), item.What, item.Path }));
        foreach (var item in left) world.Terminal.Say($"helix: {item.Path} is still there: {item.Problem}");
        world.Terminal.Out.WriteLine(
            report.Items.Count == 0 ? "there is nothing to clean up"
            : dryRun ? $"{ByteCount.Words(report.Bytes)} would be freed; nothing was changed"
            : $"{ByteCount.Words(report.Bytes)} freed");
        return code;
    }
}
