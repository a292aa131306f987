using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Alerts;
using Helix.Core.History;

namespace Helix.Cli;

/// <summary>Shows the rules by which alerts are raised, and takes others.</summary>
internal static class AlertRulesVerb
{
    public static Command Create(CliWorld world)
    {
        var set = new Option<string?>("--set") { Description = "Take this file as your own rules, over those that come with helix.", HelpName = "FILE" };
        var reset = new Option<bool>("--reset") { Description = "Take your own rules away." };
        var text = new Option<bool>("--text") { Description = "Write your own rules as they were written, to be changed and set; where there are none, those that come with helix." };
        var verb = new Verb("rules", "Show the rules by which alerts are raised, or change them.", "helix alerts rules", "helix alerts rules --text > rules.yaml", "helix alerts rules --set rules.yaml") { set, reset, text };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) =>
        {
            if ((parse.GetValue(set) is null ? 0 : 1) + (parse.GetValue(reset) ? 1 : 0) + (parse.GetValue(text) ? 1 : 0) > 1)
                return Task.FromResult(world.Terminal.Fail(ExitCodes.Usage, "--set, --reset and --text exclude each other", "helix alerts rules --help"));
            return parse.GetValue(reset) ? SetAsync("", parse.IsJson(), world, cancellationToken)
                : parse.GetValue(set) is { } file ? SetFileAsync(file, parse.IsJson(), world, cancellationToken)
                : ShowAsync(parse.IsJson(), parse.GetValue(text), world, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> ShowAsync(bool json, bool asText, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/alerts/rules", AlertApiJson.Default.RuleList, cancellationToken);
        if (answer is not Answer<RuleList>.Is(var list)) return answer.Fail(world.Terminal);
        if (asText)
        {
            await world.Terminal.Out.WriteAsync(world.Terminal.Shown(list.Own.Length > 0 ? list.Own : list.Shipped));
            return ExitCodes.Ok;
        }

        return Write(list, json, world.Terminal);
    }

    private static async Task<int> SetFileAsync(string file, bool json, CliWorld world, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return world.Terminal.Fail(ExitCodes.NotFound, $"{file} cannot be read: {unreadable.Message}", "check the path, and who may read it");
        }

        return text.Trim().Length == 0
            ? world.Terminal.Fail(ExitCodes.Refused, $"{file} is empty", "to take your own rules away: helix alerts rules --reset")
            : await SetAsync(text, json, world, cancellationToken);
    }

    private static async Task<int> SetAsync(string text, bool json, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.PutAsync("/helix/v1/alerts/rules", JsonSerializer.SerializeToUtf8Bytes(new RulesRequest(text), AlertApiJson.Default.RulesRequest), AlertApiJson.Default.RuleList, cancellationToken);
        if (answer is not Answer<RuleList>.Is(var list)) return answer.Fail(world.Terminal);
        if (!json) world.Terminal.Say(text.Length > 0 ? $"these rules hold now; they are kept in {list.File}" : "the rules that come with helix hold now");
        return Write(list, json, world.Terminal);
    }

    private static int Write(RuleList list, bool json, Terminal terminal)
    {
        foreach (var problem in list.Problems) terminal.Say($"{list.File} is not taken: {problem}");
        return json
            ? terminal.WriteJson(list, AlertApiJson.Default.RuleList)
            : terminal.WriteTable(
                ["RULE", "ON", "TYPE", "SEVERITY", "FOR", "LOOKS FOR"],
                list.Rules.Select(rule => new[] { rule.Name, rule.On ? "yes" : "no", rule.Type?.Word() ?? "by cause", rule.Severity?.Word() ?? "by cause", rule.ForSeconds > 0 ? RuleSpan.Words(TimeSpan.FromSeconds(rule.ForSeconds)) : "", rule.Looks }));
    }
}
