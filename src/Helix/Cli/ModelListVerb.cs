using System.CommandLine;
using Helix.Contracts;
using Helix.Core.Cli;

namespace Helix.Cli;

internal static class ModelListVerb
{
    public static Command Create(CliWorld world)
    {
        var verb = new Verb("list", "List the models on this machine.", "helix models list", "helix models list --format json");
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/models", ApiJson.Default.ModelList, cancellationToken);
        if (answer is not Answer<ModelList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, ApiJson.Default.ModelList);
        foreach (var problem in list.Problems ?? []) world.Terminal.Say($"{problem.File}: {problem.Reason} ({problem.Remedy})");
        if (list.Models.Count > 0) return Write(world.Terminal, list.Models);
        world.Terminal.Say("no models yet; get one with: helix models pull NAME-or-URL, or helix models add PATH");
        return ExitCodes.Ok;
    }

    public static int Write(Terminal terminal, IEnumerable<ModelReport> models) => terminal.WriteTable(
        ["MODEL", "FORMAT", "SIZE", "PARAMETERS", "KIND", "CONTEXT", "ABILITIES", "FROM"],
        models.Select(model => new[]
        {
            model.Id, model.Format, Human.Bytes(model.Bytes), Human.Count(model.Parameters), $"{model.Architecture} {model.Quantization}".TrimEnd(),
            $"{model.ContextTokens}", string.Join(",", model.Abilities), model.Source,
        }));
}
