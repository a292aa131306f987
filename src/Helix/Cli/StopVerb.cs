using System.CommandLine;

namespace Helix.Cli;

internal static class StopVerb
{
    public static Command Create(CliWorld world)
    {
        var verb = new Verb("stop", "Stop helix and every engine it runs.", "helix stop");
        verb.SetAction((_, cancellationToken) => RunAsync(world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(CliWorld world, CancellationToken cancellationToken)
    {
        world.Terminal.Say(await world.Keeper.QuitAsync(cancellationToken) ? "helix is stopped" : "helix was not running");
        return ExitCodes.Ok;
    }
}
