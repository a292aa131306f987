using System.CommandLine;
using Helix.Contracts;

namespace Helix.Cli;

internal static class ProviderListVerb
{
    public static Command Create(CliWorld world)
    {
        var verb = new Verb("list", "List every provider helix knows, and where it stands.", "helix local-llm list", "helix local-llm list --format json");
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/providers", ApiJson.Default.ProviderList, cancellationToken);
        if (answer is not Answer<ProviderList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, ApiJson.Default.ProviderList);
        ProviderListing.WriteGrouped(world.Terminal, list.Providers);
        return ExitCodes.Ok;
    }
}
