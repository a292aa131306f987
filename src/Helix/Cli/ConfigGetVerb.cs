using System.CommandLine;
using Helix.Core.Configuration;

namespace Helix.Cli;

internal static class ConfigGetVerb
{
    public static Command Create(CliWorld world)
    {
        var key = ConfigVerbs.KeyArgument();
        var verb = new Verb("get", "Print one value; an empty line means that helix decides.", "helix config get health.check_interval") { key };
        verb.SetAction(parse => Run(parse.GetRequiredValue(key), world));
        return verb;
    }

    private static int Run(string key, CliWorld world)
    {
        if (SettingsTable.Find(key) is not { } setting) return world.Terminal.Fail(ExitCodes.ConfigInvalid, $"{key}: {ConfigParser.Unknown(key)}");
        if (ConfigVerbs.Load(world) is not { } good) return ExitCodes.ConfigInvalid;
        world.Terminal.Out.WriteLine(Setting.Print(setting.Read(good.Config)));
        return ExitCodes.Ok;
    }
}
