using System.CommandLine;
using System.Globalization;
using Helix.Contracts;
using Helix.Core.Gateway;
using Helix.Core.History;

namespace Helix.Cli;

/// <summary>Shows what was asked of the models and what it took.</summary>
internal static class UsageVerb
{
    public static Command Create(CliWorld world)
    {
        var per = new Option<string?>("--per") { Description = $"Added up by {string.Join(", ", UsageSpan.All.Select(span => span.Name))}; by hour without it.", HelpName = "SPAN" };
        var since = new Option<string?>("--since") { Description = $"Only from then on: {Since.Expected}; a day without it.", HelpName = "TIME" };
        var by = new Option<string?>("--by") { Description = "Told apart by key, provider, model, node, or several of them with commas between.", HelpName = "PARTS" };
        var verb = new Verb("usage", "Show how many requests and tokens went through, and how fast.", "helix usage", "helix usage --per day --since 4w --by key", "helix usage --by provider,model --format json") { per, since, by };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) =>
        {
            string[] query = [Part("per", per), Part("since", since), Part("by", by)];
            return RunAsync(parse, $"/helix/v1/usage?{string.Join('&', query.Where(part => part.Length > 0))}", world, cancellationToken);

            string Part(string name, Option<string?> option) => parse.GetValue(option) is { } value ? $"{name}={Uri.EscapeDataString(value)}" : "";
        });
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, string path, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync(path, UsageJson.Default.UsageList, cancellationToken);
        if (answer is not Answer<UsageList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, UsageJson.Default.UsageList);
        if (list.Rows.Count == 0)
        {
            world.Terminal.Say("nobody asked for anything in that time");
            return ExitCodes.Ok;
        }

        world.Terminal.WriteTable(
            ["FROM (UTC)", "KEY", "PROVIDER", "MODEL", "NODE", "REQUESTS", "FAILED", "REFUSED", "LEFT", "TOKENS IN", "CACHED", "TOKENS OUT", "FIRST TOKEN", "TOKENS/S", "TRIES", "COST"],
            list.Rows.Select(row => new[]
            {
                row.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), Told(row.Key), Told(row.Provider), Told(row.Model), row.Node == UsageReport.UnknownNode ? "unknown" : Told(row.Node),
                Number(row.Requests), Number(row.Failed), Number(row.Refused), Number(row.Left), Number(row.PromptTokens), Number(row.CachedTokens), Number(row.AnswerTokens),
                row.FirstTokenMs is { } first ? string.Create(CultureInfo.InvariantCulture, $"{first:0} ms") : "", Number(row.TokensPerSecond), Number(row.Tries),
                row.CostUsd > 0 ? string.Create(CultureInfo.InvariantCulture, $"${row.CostUsd:0.00##}") : "",
            }));
        if (list.Cache is { Answered: > 0 } cache) world.Terminal.Say(Words(cache));
        foreach (var shadow in list.Shadows ?? []) world.Terminal.Say(Words(shadow));
        return ExitCodes.Ok;
    }

    private static string Words(UsageCache cache)
    {
        var hits = cache.Exact + cache.Semantic;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"from memory: {hits} of {cache.Answered} answers ({100.0 * hits / cache.Answered:0.0} %), {cache.Exact} to the same request and {cache.Semantic} to one that means the same; saved: {cache.SavedPromptTokens} tokens in, {cache.SavedAnswerTokens} out");
    }

    private static string Words(ShadowReport shadow)
    {
        var compared = shadow.Equal + shadow.Differs;
        var alike = shadow.Alike is { } share ? string.Create(CultureInfo.InvariantCulture, $"{shadow.Equal} of {compared} answers equal, {100 * share:0.0} % of the words on average") : "no answers compared";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"since the daemon began, {shadow.Model} and its shadow {shadow.Shadow}: {alike}; {shadow.Uncompared} could not be compared, {shadow.Failed} failed, {shadow.Missed} were not asked");
    }

    private static string Told(string? part) => part switch { null => "all", "" => "none", _ => part };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("0.0", CultureInfo.InvariantCulture) ?? "";
}
