using System.CommandLine;
using Helix.Contracts;

namespace Helix.Cli;

internal static class ModelRemoveVerb
{
    public static Command Create(CliWorld world)
    {
        var id = Verb.Argument("ID", "The model, as \"helix models list\" shows it.");
        var force = new Option<bool>("--force") { Description = "Also delete a file that you put into the models folder yourself." };
        var verb = new Verb("remove", "Take a model out of the library, and its file off the disk.", "helix models remove my-model") { id, force };
        verb.SetAction((parse, cancellationToken) => RunAsync(parse.GetRequiredValue(id), parse.GetValue(force), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(string id, bool force, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.DeleteAsync($"/helix/v1/models/{Uri.EscapeDataString(id)}{(force ? "?force=true" : "")}", ApiJson.Default.Done, cancellationToken);
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        world.Terminal.Say(done.Message);
        return ExitCodes.Ok;
    }
}
