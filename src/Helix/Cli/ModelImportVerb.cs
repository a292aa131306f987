using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Cli;

namespace Helix.Cli;

internal static class ModelImportVerb
{
    public static Command Create(CliWorld world)
    {
        var names = new Argument<string[]>("NAME") { Description = "Models as the list shows them. Without one, they are listed, and nothing is changed.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "Bring in every one that the library does not have." };
        var verb = new Verb(
            "import", "Bring in models that other programs have on this machine, without a second copy where the disk allows it.",
            "helix models import", "helix models import ollama:qwen3:0.6b", "helix models import --all") { names, all };
        verb.Validators.Add(result =>
        {
            if (result.GetValue(all) && result.GetValue(names) is { Length: > 0 }) result.AddError("Give names or --all, not both.");
        });
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, parse.GetValue(names) ?? [], parse.GetValue(all), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, string[] names, bool all, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        if (names.Length > 0) return await ImportAsync(parse, names, daemon, world, cancellationToken);

        var answer = await daemon.PostPatientlyAsync("/helix/v1/models/find", null, ApiJson.Default.FoundModelList, cancellationToken);
        if (answer is not Answer<FoundModelList>.Is(var found)) return answer.Fail(world.Terminal);
        if (!all) return List(parse, found, world);
        string[] fresh = [.. found.Models.Where(model => model.LibraryId is null).DistinctBy(model => model.Path).Select(model => model.Name)];
        if (fresh.Length > 0) return await ImportAsync(parse, fresh, daemon, world, cancellationToken);
        if (parse.IsJson()) return world.Terminal.WriteJson(new([]), ApiJson.Default.ModelList);
        world.Terminal.Say(found.Models.Count == 0 ? "no models of other programs were found" : "the library has them all already");
        return ExitCodes.Ok;
    }

    private static int List(ParseResult parse, FoundModelList found, CliWorld world)
    {
        if (parse.IsJson()) return world.Terminal.WriteJson(found, ApiJson.Default.FoundModelList);
        foreach (var left in found.LeftOut) world.Terminal.Say($"left out: {left.Name}: {left.Reason}");
        if (found.Models.Count == 0)
        {
            world.Terminal.Say("no models of other programs were found");
            return ExitCodes.Ok;
        }

        world.Terminal.WriteTable(
            ["NAME", "FORMAT", "SIZE", "IN THE LIBRARY", "PATH"],
            found.Models.Select(model => new[] { model.Name, model.Format, Human.Bytes(model.Bytes), model.LibraryId ?? "no", model.Path }));
        if (found.Models.Any(model => model.LibraryId is null)) world.Terminal.Say("bring them in with: helix models import NAME, or helix models import --all");
        return ExitCodes.Ok;
    }

    /// <summary>One after the other; one that cannot be taken does not keep the others out.</summary>
    private static async Task<int> ImportAsync(ParseResult parse, string[] names, DaemonClient daemon, CliWorld world, CancellationToken cancellationToken)
    {
        var (taken, code) = (new List<ModelReport>(), ExitCodes.Ok);
        foreach (var name in names)
        {
            if (!parse.IsJson()) world.Terminal.Say($"taking {name}");
            var body = JsonSerializer.SerializeToUtf8Bytes(new(name), ApiJson.Default.ImportModelRequest);
            switch (await daemon.PostPatientlyAsync("/helix/v1/models/import", body, ApiJson.Default.ModelReport, cancellationToken))
            {
                case Answer<ModelReport>.Is(var model): taken.Add(model); break;
                case var other: code = other.Fail(world.Terminal); break;
            }

            if (code == ExitCodes.NotRunning) return code;
        }

        if (parse.IsJson()) world.Terminal.WriteJson(new(taken), ApiJson.Default.ModelList);
        else if (taken.Count > 0) ModelListVerb.Write(world.Terminal, taken);
        return code;
    }
}
