using System.CommandLine;
using Helix.Core.Cli;

namespace Helix.Cli;

internal static class CompletionVerb
{
    public static Command Create(CliWorld world)
    {
        var shell = new Argument<string>("SHELL") { Description = "Which shell." };
        shell.AcceptOnlyFromAmong([.. CompletionScript.Shells]);
        var verb = new Verb(
            "completion", "Print a script that completes helix's verbs and options in your shell.",
            "source <(helix completion bash)", "helix completion zsh > ~/.zfunc/_helix", "helix completion fish > ~/.config/fish/completions/helix.fish") { shell };
        verb.SetAction(parse =>
        {
            world.Terminal.Out.Write(CompletionScript.For(parse.GetRequiredValue(shell)));
            return ExitCodes.Ok;
        });
        return verb;
    }
}
