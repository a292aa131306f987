using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Helix.Cli;

/// <summary>The usual help, and then examples that can be copied.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        usual.MaxWidth = 100;
        usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb { Examples.Count: > 0 } verb)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(verb.Examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in verb.Examples) output.WriteLine($"  {example}");
            output.WriteLine();
        }

        return ExitCodes.Ok;
    }
}
