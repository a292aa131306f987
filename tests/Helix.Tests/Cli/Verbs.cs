using System.CommandLine;

namespace Helix.Tests.Cli;

/// <summary>All verbs of a command tree, each as the words that one types.</summary>
internal static class Verbs
{
    public static IEnumerable<string[]> Of(Command command) => Of(command, ["helix"]);

    public static Command Find(Command root, IEnumerable<string> words) =>
        words.Skip(1).Aggregate(root, (command, word) => command.Subcommands.Single(verb => verb.Name == word));

    private static IEnumerable<string[]> Of(Command command, string[] words) =>
        [words, .. command.Subcommands.SelectMany(verb => Of(verb, [.. words, verb.Name]))];
}
