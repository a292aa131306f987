using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;

namespace Helix.Cli;

internal static class KeyCreateVerb
{
    public static Command Create(CliWorld world)
    {
        var name = Verb.Argument("NAME", "For whom or what the key is.");
        var scope = new Option<string>("--scope") { Description = "What the key may do: infer, admin, or both with a comma.", DefaultValueFactory = _ => "infer", HelpName = "SCOPES" };
        var verb = new Verb("create", "Make a key; it is shown once.", "helix keys create laptop", "helix keys create ci --scope infer,admin") { name, scope };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, parse.GetRequiredValue(name), parse.GetRequiredValue(scope), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, string name, string scope, CliWorld world, CancellationToken cancellationToken)
    {
        var scopes = scope.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (scopes.Length == 0 || scopes.Any(word => word is not ("infer" or "admin")))
            return world.Terminal.Fail(ExitCodes.Usage, $"\"{scope}\" is no scope", "write --scope infer, --scope admin or --scope infer,admin");

        using var daemon = world.Daemon();
        var body = JsonSerializer.SerializeToUtf8Bytes(new CreateKeyRequest(name, scopes), ApiJson.Default.CreateKeyRequest);
        var answer = await daemon.PostAsync("/helix/v1/keys", body, ApiJson.Default.CreatedKey, cancellationToken);
        if (answer is not Answer<CreatedKey>.Is(var created)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(created, ApiJson.Default.CreatedKey);
        world.Terminal.Out.WriteLine(created.Key);
        world.Terminal.Say("this key is not shown again; send it as: Authorization: Bearer KEY");
        return ExitCodes.Ok;
    }
}
