using System.CommandLine;
using Helix.Contracts;

namespace Helix.Cli;

internal static class DetachVerb
{
    public static Command Create(CliWorld world)
    {
        var id = Verb.Argument("ID", "The engine, as \"helix local-llm attach\" lists it.");
        var verb = new Verb("detach", "Use an engine that you run yourself no longer; it goes on running.", "helix local-llm detach ollama") { id };
        verb.SetAction((parse, cancellationToken) => RunAsync(parse.GetRequiredValue(id), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(string id, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.DeleteAsync($"/helix/v1/attached/{Uri.EscapeDataString(id)}", ApiJson.Default.Done, cancellationToken);
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        world.Terminal.Tell(done.Message);
        return ExitCodes.Ok;
    }
}
