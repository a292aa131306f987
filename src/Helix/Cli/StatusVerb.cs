using System.CommandLine;
using Helix.Contracts;
using Helix.Core.Cli;

namespace Helix.Cli;

internal static class StatusVerb
{
    public static Command Create(CliWorld world)
    {
        var verb = new Verb("status", "Show whether helix runs, where, and what it serves.", "helix status", "helix status --format json");
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, cancellationToken);
        if (answer is not Answer<StatusReport>.Is(var report)) return answer.Fail(world.Terminal);
        return parse.IsJson() ? world.Terminal.WriteJson(report, ApiJson.Default.StatusReport) : Write(report, world);
    }

    private static int Write(StatusReport report, CliWorld world)
    {
        var terminal = world.Terminal;
        terminal.Out.WriteLine($"helix {VersionVerb.Named(report.Version, report.Release)} runs at {report.Address} (pid {report.Pid}, for {Human.Span(world.Time.GetUtcNow() - report.Started)})");
        terminal.Out.WriteLine();
        ProviderListing.WriteRun(terminal, report.Providers);
        if (report.Models.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.WriteTable(
                ["MODEL", "STATE", "ABILITIES", "CONTEXT", "DETAIL"],
                report.Models.Select(model => new[] { model.Id, model.State, string.Join(",", model.Abilities), model.ContextTokens > 0 ? $"{model.ContextTokens}" : "", model.Detail ?? "" }));
        }

        if (report.Memory is { Instances.Count: > 0 } memory)
        {
            terminal.Out.WriteLine();
            terminal.Out.WriteLine($"memory  {Human.Bytes(memory.Reserved)} reserved of {Human.Bytes(memory.Budget)} that engines may use{(memory.Measured > 0 ? $"; {Human.Bytes(memory.Measured)} measured" : "")}");
        }

        if (report.Cache is { Lookups: > 0 } cache)
        {
            terminal.Out.WriteLine();
            terminal.Out.WriteLine($"cache  {cache.Exact + cache.Semantic} of {cache.Lookups} requests that could be answered from memory were, {cache.Semantic} of them by meaning; {cache.SavedPromptTokens + cache.SavedAnswerTokens} tokens saved");
        }

        foreach (var note in report.Notes) terminal.Say($"note: {note}");
        return ExitCodes.Ok;
    }
}
