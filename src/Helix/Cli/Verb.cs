using System.CommandLine;
using System.CommandLine.Parsing;

namespace Helix.Cli;

/// <summary>A command with examples, which its help shows.</summary>
internal sealed class Verb : Command
{
    public Verb(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    public IReadOnlyList<string> Examples { get; }

    /// <summary>An argument whose text is not empty.</summary>
    public static Argument<string> Argument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        RefuseEmpty(argument.Validators, name);
        return argument;
    }

    public static void RefuseEmpty<T>(List<Action<T>> validators, string name)
        where T : SymbolResult => validators.Add(result =>
    {
        if (result.Tokens is [{ Value: "" }]) result.AddError($"{name} must not be empty.");
    });

    /// <summary>A verb that only holds others.</summary>
    public static Verb Group(string name, string description, params Command[] verbs)
    {
        var group = new Verb(name, description);
        foreach (var verb in verbs) group.Add(verb);
        return group;
    }
}
