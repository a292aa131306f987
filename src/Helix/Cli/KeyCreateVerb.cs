using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Access;

namespace Helix.Cli;

internal static class KeyCreateVerb
{
    public static Command Create(CliWorld world)
    {
        var name = Verb.Argument("NAME", "For whom or what the key is.");
        var scope = new Option<string>("--scope") { Description = "What it may do: infer, metrics, admin; several with commas.", DefaultValueFactory = _ => "infer", HelpName = "SCOPES" };
        var isPrivate = new Option<bool>("--private") { Description = "Nothing that comes with it is ever asked of a cloud." };
        var comparesMeaning = new Option<bool>("--semantic-cache") { Description = "May get answers that were given to other questions which mean the same." };
        var verb = new Verb("create", "Make a key; it is shown once.", "helix keys create laptop", "helix keys create ci --scope infer,admin", "helix keys create notes --private", "helix keys create helpdesk --semantic-cache") { name, scope, isPrivate, comparesMeaning };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, parse.GetRequiredValue(name), parse.GetRequiredValue(scope), parse.GetValue(isPrivate), parse.GetValue(comparesMeaning), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, string name, string scope, bool isPrivate, bool comparesMeaning, CliWorld world, CancellationToken cancellationToken)
    {
        var scopes = scope.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (KeyScopeNames.Parse(scopes) is null)
            return world.Terminal.Fail(ExitCodes.Usage, $"\"{scope}\" is no scope", "write --scope infer, --scope metrics, --scope admin, or several with commas");

        using var daemon = world.Daemon();
        var body = JsonSerializer.SerializeToUtf8Bytes(new CreateKeyRequest(name, scopes, isPrivate, comparesMeaning), ApiJson.Default.CreateKeyRequest);
        var answer = await daemon.PostAsync("/helix/v1/keys", body, ApiJson.Default.CreatedKey, cancellationToken);
        if (answer is not Answer<CreatedKey>.Is(var created)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(created, ApiJson.Default.CreatedKey);
        world.Terminal.Out.WriteLine(created.Key);
        world.Terminal.Say("this key is not shown again; send it as: Authorization: Bearer KEY");
        return ExitCodes.Ok;
    }
}
