using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Models;

namespace Helix.Cli;

/// <summary>Carries what is installed to a machine without any network.</summary>
internal static class BundleVerbs
{
    public static Command Create(CliWorld world) => Verb.Group("bundle", "Carry providers and models to a machine without network.", Make(world), Apply(world));

    private static Verb Make(CliWorld world)
    {
        var file = Verb.Argument("FILE", "The file to be written.");
        var providers = new Option<string[]>("--provider") { Description = "Only this provider; may be said again.", HelpName = "ID", DefaultValueFactory = _ => [] };
        var models = new Option<string[]>("--model") { Description = "With this model of the library; may be said again.", HelpName = "ID", DefaultValueFactory = _ => [] };
        var verb = new Verb("create", "Write installed providers, models and your own manifests into one file.", "helix bundle create helix.bundle", "helix bundle create helix.bundle --provider gpt4all --model tiny") { file, providers, models };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(
            "create", parse, new(Path.GetFullPath(parse.GetRequiredValue(file)), parse.GetValue(providers), parse.GetValue(models)), world, cancellationToken));
        return verb;
    }

    private static Verb Apply(CliWorld world)
    {
        var file = Verb.Argument("FILE", "A file that \"helix bundle create\" wrote.");
        var verb = new Verb("apply", "Install what a bundle holds; nothing newer is replaced.", "helix bundle apply helix.bundle") { file };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync("apply", parse, new(Path.GetFullPath(parse.GetRequiredValue(file))), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(string what, ParseResult parse, BundleRequest request, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.PostPatientlyAsync($"/helix/v1/bundle/{what}", JsonSerializer.SerializeToUtf8Bytes(request, ApiJson.Default.BundleRequest), ApiJson.Default.BundleReport, cancellationToken);
        if (answer is not Answer<BundleReport>.Is(var report)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) world.Terminal.WriteJson(report, ApiJson.Default.BundleReport);
        else
        {
            if (report.Items.Count > 0) world.Terminal.WriteTable(["WHAT", "OUTCOME"], report.Items.Select(item => new[] { item.What, item.Outcome }));
            world.Terminal.Out.WriteLine($"{request.File}: {ByteCount.Words(report.Bytes)}");
        }

        return report.Items.All(item => item.Placed) ? ExitCodes.Ok : ExitCodes.Refused;
    }
}
