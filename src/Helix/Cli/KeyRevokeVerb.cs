using System.CommandLine;
using Helix.Contracts;

namespace Helix.Cli;

internal static class KeyRevokeVerb
{
    public static Command Create(CliWorld world)
    {
        var name = Verb.Argument("NAME", "The key, as \"helix keys list\" shows it.");
        var verb = new Verb("revoke", "Take a key away; it is refused from now on.", "helix keys revoke laptop") { name };
        verb.SetAction((parse, cancellationToken) => RunAsync(parse.GetRequiredValue(name), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(string name, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.DeleteAsync($"/helix/v1/keys/{Uri.EscapeDataString(name)}", ApiJson.Default.Done, cancellationToken);
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        world.Terminal.Say(done.Message);
        return ExitCodes.Ok;
    }
}
