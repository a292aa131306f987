using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Completions;
using Helix.Configuration;
using Helix.Core.Configuration;

namespace Helix.Cli;

/// <summary><c>helix config</c>, also known as <c>helix local-llm config</c>. All but the reload work on the file, whether helix runs or not.</summary>
internal static class ConfigVerbs
{
    public static Command Create(CliWorld world) => Verb.Group(
        "config", "Show and change the configuration.",
        ConfigGetVerb.Create(world), ConfigChangeVerb.Set(world), ConfigChangeVerb.Unset(world),
        ConfigShowVerb.Create(world), ConfigValidateVerb.Create(world), ConfigPathVerb.Create(world));

    public static Argument<string> KeyArgument()
    {
        var key = new Argument<string>("KEY") { HelpName = "KEY", Description = "A setting, for example health.check_interval; \"helix config show\" lists them." };
        key.CompletionSources.Add(_ => SettingsTable.All.Select(setting => new CompletionItem(setting.Path)));
        return key;
    }

    /// <summary>Says every error, one a line.</summary>
    public static int Fail(Terminal terminal, string path, ImmutableArray<ConfigError> errors)
    {
        terminal.Fail(ExitCodes.ConfigInvalid, $"the configuration {path} is not valid");
        foreach (var error in errors) terminal.Say($"       {error}");
        return ExitCodes.ConfigInvalid;
    }

    /// <summary>The configuration on disk; null when it was refused, and said so.</summary>
    public static ConfigOutcome.Good? Load(CliWorld world)
    {
        switch (ConfigFile.Load(world.Home.Config))
        {
            case ConfigOutcome.Good good: return good;
            case ConfigOutcome.Bad(var errors): Fail(world.Terminal, world.Home.Config, errors); return null;
            default: throw new InvalidOperationException("an outcome is either good or bad");
        }
    }
}
