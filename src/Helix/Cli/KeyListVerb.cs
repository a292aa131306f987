using System.CommandLine;
using System.Globalization;
using Helix.Contracts;

namespace Helix.Cli;

internal static class KeyListVerb
{
    public static Command Create(CliWorld world)
    {
        var verb = new Verb("list", "List the keys, without the secret part.", "helix keys list", "helix keys list --format json");
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/keys", ApiJson.Default.KeyList, cancellationToken);
        if (answer is not Answer<KeyList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, ApiJson.Default.KeyList);
        if (list.Keys.Count > 0)
        {
            return world.Terminal.WriteTable(
                ["NAME", "KEY", "SCOPES", "CREATED", "LAST USED"],
                list.Keys.Select(key => new[] { key.Name, $"{key.Prefix}…", $"{string.Join(",", key.Scopes)}{(key.Private ? ", private" : "")}{(key.SemanticCache ? ", semantic-cache" : "")}", Day(key.Created), key.LastUsed is { } used ? Day(used) : "never" }));
        }

        world.Terminal.Say("no keys yet; make one with: helix keys create NAME");
        return ExitCodes.Ok;
    }

    private static string Day(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
