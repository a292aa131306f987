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
        var ran = await world.Keeper.QuitAsync(cancellationToken);
        if (!ran && world.Keeper.Trouble is { } trouble) return world.Terminal.Fail(trouble.ExitCode, trouble.Reason, trouble.Remedy);
        world.Terminal.Say(ran ? "helix is stopped" : "helix was not running");
        return ExitCodes.Ok;
    }
}
