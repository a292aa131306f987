using System.CommandLine;
using System.CommandLine.Invocation;
using Helix.Core.Configuration;
using Helix.SelfUpdate;
using Helix.Storage;

namespace Helix.Cli;

/// <summary>The command line of helix.</summary>
internal static class CliVerb
{
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var home = HelixHome.FromEnvironment();
        ProgramInUse.Become(args, home);
        return RunAsync(args, new(Terminal.OfProcess(), home, TimeProvider.System, new HomeKeeper(home, TimeProvider.System), new Interrupts()));
    }

    public static async Task<int> RunAsync(string[] args, CliWorld world)
    {
        // what begins with @ is a text like any other, and no file of arguments
        ParserConfiguration asTyped = new() { ResponseFileTokenReplacer = null };
        var parse = CommandTree.Create(world).Parse(args, asTyped);
        if (parse.Action is ParseErrorAction)
        {
            if (parse.UnmatchedTokens.Count > 0 || parse.CommandResult.Command.Subcommands.Count == 0) return Misunderstood(parse, world.Terminal);
            await CommandTree.Create(world).Parse([.. args, "--help"], asTyped).InvokeAsync(new() { Output = world.Terminal.Error });
            return ExitCodes.Usage;
        }

        try
        {
            var code = await parse.InvokeAsync(new()
            {
                Output = world.Terminal.Out,
                Error = world.Terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
            Banner.Show(parse, world);
            return code;
        }
        catch (OperationCanceledException) when (world.Interrupts.Struck)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception bug)
        {
            return world.Terminal.Fail(ExitCodes.Bug, $"this is a bug in helix; please report it with the following text\n{bug}");
        }
    }

    /// <summary>Says what was not understood, the nearest right word, and where help is.</summary>
    private static int Misunderstood(ParseResult parse, Terminal terminal)
    {
        var command = parse.CommandResult.Command;
        var name = string.Join(' ', Names(parse.CommandResult));
        var options = parse.UnmatchedTokens.Where(word => word.StartsWith('-')).ToList(); // what follows one may be its value
        foreach (var word in options.Count > 0 ? options : parse.UnmatchedTokens)
        {
            var candidates = word.StartsWith('-') ? command.Options.Select(option => option.Name) : command.Subcommands.Select(verb => verb.Name);
            var near = Nearest.To(word, candidates) is { } meant ? $"; did you mean \"{meant}\"?" : "";
            terminal.Say($"helix: \"{word}\" is not known to \"{name}\"{near}");
        }

        if (parse.UnmatchedTokens.Count == 0)
        {
            foreach (var error in parse.Errors.Select(error => error.Message).Distinct()) terminal.Say($"helix: {error}");
        }

        terminal.Say($"       see: {name} --help");
        return ExitCodes.Usage;
    }

    private static IEnumerable<string> Names(System.CommandLine.Parsing.CommandResult? result) =>
        result is null ? [] : [.. Names(result.Parent as System.CommandLine.Parsing.CommandResult), result.Parent is null ? "helix" : result.Command.Name];
}
