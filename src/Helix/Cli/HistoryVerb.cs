using System.CommandLine;
using System.Globalization;
using Helix.Contracts;
using Helix.Core.History;

namespace Helix.Cli;

/// <summary>Shows what helix saw, decided and did.</summary>
internal static class HistoryVerb
{
    public static Command Create(CliWorld world)
    {
        var provider = new Option<string?>("--provider") { Description = "Only of this provider.", HelpName = "ID" };
        var kind = new Option<string?>("--kind") { Description = $"Only of this kind: {string.Join(", ", HistoryNames.Kinds)}.", HelpName = "KIND" };
        var severity = new Option<string?>("--severity") { Description = $"Of this severity, or a worse one: {string.Join(", ", HistoryNames.Severities)}.", HelpName = "SEVERITY" };
        var since = new Option<string?>("--since") { Description = $"Only from then on: {Since.Expected}.", HelpName = "TIME" };
        var limit = new Option<string?>("--limit", "-n") { Description = "At most so many, the newest.", HelpName = "N" };
        var verb = new Verb("history", "Show what helix saw, decided and did.", "helix history", "helix history --provider vllm --since 2h", "helix history --kind alert --format json") { provider, kind, severity, since, limit };
        FormatOption.Add(verb);
        verb.Add(ReplayVerb.Create(world));
        verb.SetAction((parse, cancellationToken) =>
        {
            string[] query = [Part("provider", provider), Part("kind", kind), Part("severity", severity), Part("since", since), Part("limit", limit)];
            return RunAsync(parse, $"/helix/v1/history?{string.Join('&', query.Where(part => part.Length > 0))}", world, cancellationToken);

            string Part(string name, Option<string?> option) => parse.GetValue(option) is { } value ? $"{name}={Uri.EscapeDataString(value)}" : "";
        });
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, string path, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync(path, HistoryJson.Default.HistoryList, cancellationToken);
        if (answer is not Answer<HistoryList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, HistoryJson.Default.HistoryList);
        if (list.Events.Count == 0)
        {
            world.Terminal.Say("nothing of that kind happened");
            return ExitCodes.Ok;
        }

        return world.Terminal.WriteTable(
            ["ID", "WHEN (UTC)", "SEVERITY", "KIND", "WHO", "WHAT", "WORDS"],
            list.Events.Select(each => new[] { each.Id.ToString(CultureInfo.InvariantCulture), each.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), each.Severity.Word(), each.Kind.Word(), each.Subject ?? each.Provider ?? "helix", each.What, each.Words }));
    }
}
