using System.CommandLine;
using System.Globalization;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary>What helix does by itself: shown, and done at once.</summary>
internal static class AutomationVerbs
{
    public static Command Status(CliWorld world)
    {
        var verb = new Verb("status", "Show what helix does by itself: whether it is on, when it was done, when it is done next, and what came of it.", "helix auto status", "helix auto status --format json");
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => StatusAsync(parse, world, cancellationToken));
        return verb;
    }

    public static Command Run(CliWorld world)
    {
        var id = Verb.Argument("ID", "health, optimisation, updates, recovery, security or backup.");
        var verb = new Verb("run", "Do one of these at once.", "helix auto run updates") { id };
        verb.SetAction((parse, cancellationToken) => RunAsync(parse.GetRequiredValue(id), world, cancellationToken));
        return verb;
    }

    private static async Task<int> StatusAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/automations", AutomationJson.Default.AutomationList, cancellationToken);
        if (answer is not Answer<AutomationList>.Is(var list)) return answer.Fail(world.Terminal);
        return parse.IsJson()
            ? world.Terminal.WriteJson(list, AutomationJson.Default.AutomationList)
            : world.Terminal.WriteTable(
                ["AUTOMATION", "ON", "EVERY", "LAST (UTC)", "NEXT (UTC)", "RESULT", "SETTING"],
                list.Automations.Select(each => new[] { each.Id, each.On ? "yes" : "no", each.Every, Moment(each.Last), Moment(each.Next), each.Result ?? "-", each.Setting }));
    }

    private static async Task<int> RunAsync(string id, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.PostAsync($"/helix/v1/automations/{Uri.EscapeDataString(id)}/run", null, ApiJson.Default.Done, cancellationToken);
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        world.Terminal.Say(done.Message);
        return ExitCodes.Ok;
    }

    private static string Moment(DateTimeOffset? moment) => moment is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "-";
}
