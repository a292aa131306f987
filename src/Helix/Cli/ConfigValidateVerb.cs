using System.CommandLine;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Manifests;

namespace Helix.Cli;

internal static class ConfigValidateVerb
{
    public static Command Create(CliWorld world)
    {
        var file = new Argument<string?>("FILE") { Description = "Another file than the one helix uses.", Arity = ArgumentArity.ZeroOrOne };
        var verb = new Verb("validate", "Check the file, and name every mistake.", "helix config validate", "helix config validate ./new-config.yaml") { file };
        FormatOption.Add(verb);
        Verb.RefuseEmpty(file.Validators, "FILE");
        verb.SetAction(parse => Run(parse, parse.GetValue(file) is { } other ? Path.GetFullPath(other) : null, world));
        return verb;
    }

    private static int Run(ParseResult parse, string? other, CliWorld world)
    {
        if (other is not null && !File.Exists(other)) return world.Terminal.Fail(ExitCodes.NotFound, $"there is no file {other}");
        var path = other ?? world.Home.Config;
        var errors = ConfigFile.Load(path) switch
        {
            ConfigOutcome.Bad(var found) => found,
            ConfigOutcome.Good(var config, var document) => [.. NamedThings.Errors(config, world.Home).Select(error => error with { Line = LineOf(document, error.Path) })],
            _ => throw new InvalidOperationException("an outcome is either good or bad"),
        };
        if (parse.IsJson())
            world.Terminal.WriteJson(new(path, errors.IsEmpty, [.. errors.Select(error => new ValidationError(error.Path, error.Line, error.What))]), CliJson.Default.ValidationReport);
        else if (errors.IsEmpty)
            world.Terminal.Say($"{path} is valid");
        else
            ConfigVerbs.Fail(world.Terminal, path, errors);
        return errors.IsEmpty ? ExitCodes.Ok : ExitCodes.ConfigInvalid;
    }

    private static int? LineOf(ConfigDocument document, string path) => document.Lines.TryGetValue(path, out var line) ? line : null;
}
