using System.CommandLine;
using Helix.Core.Configuration;

namespace Helix.Cli;

internal static class ConfigShowVerb
{
    public static Command Create(CliWorld world)
    {
        var verb = new Verb("show", "Show every setting: its value, where that comes from, and when a change is felt.", "helix config show", "helix config show --format json");
        FormatOption.Add(verb);
        verb.SetAction(parse => Run(parse, world));
        return verb;
    }

    private static int Run(ParseResult parse, CliWorld world)
    {
        if (ConfigVerbs.Load(world) is not { } good) return ExitCodes.ConfigInvalid;
        if (parse.IsJson()) return world.Terminal.WriteJson(new(world.Home.Config, [.. SettingsTable.All.Select(setting => Report(setting, good))]), CliJson.Default.SettingList);
        return world.Terminal.WriteTable(
            ["SETTING", "VALUE", "FROM", "EFFECT", "MEANING"],
            SettingsTable.All.Select(setting => new[] { setting.Path, Setting.Print(setting.Read(good.Config)), Source(setting, good), Effect(setting), setting.Meaning }));
    }

    private static SettingReport Report(Setting setting, ConfigOutcome.Good good) => new(
        setting.Path, setting.Read(good.Config), setting.Default, Source(setting, good),
        setting.Effect switch { TakesEffect.Now => "now", TakesEffect.NextStart => "next_start", _ => "not_yet" }, setting.Kind.Allowed, setting.Meaning);

    private static string Source(Setting setting, ConfigOutcome.Good good) => good.Document.At(setting.Path) is null ? "default" : "file";

    private static string Effect(Setting setting) => setting.Effect switch
    {
        TakesEffect.Now => "at once",
        TakesEffect.NextStart => "next start",
        _ => "no effect yet",
    };
}
