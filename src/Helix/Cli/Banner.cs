using System.CommandLine;
using Helix.Alerts;

namespace Helix.Cli;

/// <summary>A line about alerts under the output of any command, for a person at a terminal: programs never see it.</summary>
internal static class Banner
{
    private const string Alerts = "alerts";

    /// <param name="parse">What was done.</param>
    public static void Show(ParseResult parse, CliWorld world)
    {
        if (!world.Terminal.ErrorIsTerminal || IsOfAlerts(parse) || (HasFormat(parse) && parse.IsJson())) return;
        foreach (var line in new BannerFiles(world.Home).Take()) world.Terminal.Say(line);
    }

    /// <summary>Who looks at alerts has them before his eyes.</summary>
    private static bool IsOfAlerts(ParseResult parse)
    {
        for (var result = parse.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
            if (result.Command.Name == Alerts) return true;
        return false;
    }

    private static bool HasFormat(ParseResult parse) => parse.CommandResult.Command.Options.Any(option => option.Name == FormatOption.Name);
}
