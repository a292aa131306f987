using System.CommandLine;

namespace Helix.Cli;

internal static class ConfigPathVerb
{
    public static Command Create(CliWorld world)
    {
        var verb = new Verb("path", "Print where the configuration file is.", "$EDITOR \"$(helix config path)\"");
        verb.SetAction(_ =>
        {
            world.Terminal.Out.WriteLine(world.Home.Config);
            return ExitCodes.Ok;
        });
        return verb;
    }
}
