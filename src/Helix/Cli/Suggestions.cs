using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Invocation;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary>What could come next on the command line: without spellings that nobody types, and with the names that a running helix knows.</summary>
internal sealed class Suggestions(SynchronousCommandLineAction usual) : SynchronousCommandLineAction
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);
    private static readonly string[] s_odd = ["-?", "/?", "/h"];

    public override int Invoke(ParseResult parseResult)
    {
        var configuration = parseResult.InvocationConfiguration;
        var output = configuration.Output;
        using var all = new StringWriter();
        configuration.Output = all;
        var code = usual.Invoke(parseResult);
        configuration.Output = output;
        foreach (var word in all.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Except(s_odd)) output.WriteLine(word);
        return code;
    }

    /// <summary>Has the arguments that are names completed by those there are.</summary>
    public static void AddNames(Command root, CliWorld world)
    {
        Add(["chat", "MODEL"], NamesOfServedAsync);
        Add(["models", "remove", "ID"], async daemon => await daemon.GetAsync("/helix/v1/models", ApiJson.Default.ModelList, default) is Answer<ModelList>.Is(var list) ? list.Models.Select(model => model.Id) : []);
        Add(["keys", "revoke", "NAME"], async daemon => await daemon.GetAsync("/helix/v1/keys", ApiJson.Default.KeyList, default) is Answer<KeyList>.Is(var list) ? list.Keys.Select(key => key.Name) : []);
        foreach (var verb in (string[])["start", "stop", "status", "logs"]) Add(["local-llm", verb, "ID"], NamesOfProvidersAsync);

        void Add(string[] words, Func<DaemonClient, Task<IEnumerable<string>>> names)
        {
            var verb = words[..^1].Aggregate(root, (command, word) => command.Subcommands.Single(sub => sub.Name == word));
            verb.Arguments.Single(argument => argument.Name == words[^1]).CompletionSources.Add(_ => Ask(world, names).Select(name => new CompletionItem(name)));
        }
    }

    private static async Task<IEnumerable<string>> NamesOfServedAsync(DaemonClient daemon) =>
        await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, default) is Answer<StatusReport>.Is(var status) ? ChatVerb.Names(status) : [];

    private static async Task<IEnumerable<string>> NamesOfProvidersAsync(DaemonClient daemon) =>
        await daemon.GetAsync("/helix/v1/providers", ApiJson.Default.ProviderList, default) is Answer<ProviderList>.Is(var list) ? list.Providers.Select(provider => provider.Id) : [];

    // somebody waits with a finger on the tab key: what is not known at once is not suggested
    private static IEnumerable<string> Ask(CliWorld world, Func<DaemonClient, Task<IEnumerable<string>>> names)
    {
        if (world.Keeper.Socket is null) return [];
        using var daemon = world.Daemon();
        try
        {
            var answer = names(daemon);
            return answer.Wait(s_patience) ? answer.Result : [];
        }
        catch (AggregateException)
        {
            return []; // an answer that cannot be read suggests nothing
        }
    }
}
