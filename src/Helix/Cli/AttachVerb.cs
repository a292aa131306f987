using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary><c>helix local-llm attach</c>: uses an engine that somebody else runs, or lists those that are used.</summary>
internal static class AttachVerb
{
    public static Command Create(CliWorld world)
    {
        var url = new Argument<string?>("URL") { Description = "Where it answers, for example http://127.0.0.1:8080; without one, what is attached is listed.", Arity = ArgumentArity.ZeroOrOne };
        var key = new Option<string?>("--key") { Description = "What it asks for as a bearer token; - reads it from the standard input.", HelpName = "KEY" };
        var name = new Option<string?>("--name") { Description = "What it is called here: small letters, digits and -.", HelpName = "ID" };
        var remote = new Option<bool>("--remote") { Description = "It may be on another machine; requests to its models leave this one, unencrypted." };
        var verb = new Verb(
            "attach", "Use an engine that you run yourself; helix neither starts nor stops it.",
            "helix local-llm attach", "helix local-llm attach http://127.0.0.1:8080", "helix local-llm attach http://127.0.0.1:1337 --key -", "helix local-llm attach http://10.0.0.7:8000 --remote --name big-box") { url, key, name, remote };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => parse.GetValue(url) is { } place
            ? AttachAsync(new(place, parse.GetValue(key), parse.GetValue(name), parse.GetValue(remote)), parse.IsJson(), world, cancellationToken)
            : ListAsync(parse, world, cancellationToken));
        return verb;
    }

    private static async Task<int> AttachAsync(AttachRequest request, bool asJson, CliWorld world, CancellationToken cancellationToken)
    {
        // on the command line everybody on the machine could read it
        if (request.Key == "-") request = request with { Key = (await world.Terminal.In.ReadLineAsync(cancellationToken))?.Trim() };
        using var daemon = world.Daemon();
        var answer = await daemon.PostPatientlyAsync("/helix/v1/attached", JsonSerializer.SerializeToUtf8Bytes(request, AttachJson.Default.AttachRequest), ApiJson.Default.Done, cancellationToken);
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        if (asJson) return world.Terminal.WriteJson(done, ApiJson.Default.Done);
        world.Terminal.Tell(done.Message);
        return ExitCodes.Ok;
    }

    private static async Task<int> ListAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/attached", AttachJson.Default.AttachedList, cancellationToken);
        if (answer is not Answer<AttachedList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, AttachJson.Default.AttachedList);
        if (list.Engines.Count == 0)
        {
            world.Terminal.Say("nothing is attached; attach an engine that you run yourself with: helix local-llm attach URL");
            return ExitCodes.Ok;
        }

        world.Terminal.WriteTable(
            ["ID", "NAME", "URL", "STATE", "RELEASE", "FOUND BY", "KEY", "MODELS"],
            list.Engines.Select(engine => new[]
            {
                engine.Id, engine.Name, engine.Url, engine.State, engine.Release ?? "", engine.FoundBy, engine.HasKey ? "yes" : "no", string.Join(", ", engine.Models),
            }));
        return ExitCodes.Ok;
    }
}
