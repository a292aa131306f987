using System.CommandLine;
using Helix.Contracts;

namespace Helix.Cli;

internal static class ProviderStatusVerb
{
    public static Command Create(CliWorld world)
    {
        var id = new Argument<string?>("ID") { Description = "Only this provider.", Arity = ArgumentArity.ZeroOrOne };
        var verb = new Verb("status", "Show what the providers do: state, process, model, release.", "helix local-llm status", "helix local-llm status builtin --format json") { id };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, parse.GetValue(id), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, string? id, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/providers", ApiJson.Default.ProviderList, cancellationToken);
        if (answer is not Answer<ProviderList>.Is(var list)) return answer.Fail(world.Terminal);
        if (id is not null)
        {
            if (list.Providers.All(provider => provider.Id != id)) return Unknown(world.Terminal, id, list);
            list = new([.. list.Providers.Where(provider => provider.Id == id)]);
        }

        if (parse.IsJson()) return world.Terminal.WriteJson(list, ApiJson.Default.ProviderList);
        if (id is null) ProviderListing.WriteRun(world.Terminal, list.Providers);
        else ProviderListing.WriteTable(world.Terminal, list.Providers);
        return ExitCodes.Ok;
    }

    public static int Unknown(Terminal terminal, string id, ProviderList list) =>
        terminal.Fail(ExitCodes.NotFound, $"there is no provider \"{id}\"", $"there are: {string.Join(", ", list.Providers.Select(provider => provider.Id))}");
}
