using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Nodes;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Storage;

namespace Helix.Cli;

/// <summary><c>config set</c> and <c>config unset</c>: edit the file, then let a running helix take it.</summary>
internal static class ConfigChangeVerb
{
    public static Command Set(CliWorld world)
    {
        var key = ConfigVerbs.KeyArgument();
        var value = new Argument<string>("VALUE") { Description = "The new value: true, 60, a text, a list with commas, or JSON." };
        var verb = new Verb(
            "set", "Change one setting in the file; comments and order stay.",
            "helix config set health.check_interval 60",
            "helix config set providers.enabled \"vllm,localai\"",
            "helix config set performance.weights '{\"response_time\": 0.5, \"throughput\": 0.5}'") { key, value };
        verb.SetAction((parse, cancellationToken) =>
            RunAsync(parse.GetRequiredValue(key), text => ConfigEdit.Set(text, parse.GetRequiredValue(key), parse.GetRequiredValue(value)), world, cancellationToken));
        return verb;
    }

    public static Command Unset(CliWorld world)
    {
        var key = ConfigVerbs.KeyArgument();
        var verb = new Verb("unset", "Take one setting out of the file, so that its default holds.", "helix config unset health.check_interval") { key };
        verb.SetAction((parse, cancellationToken) =>
            RunAsync(parse.GetRequiredValue(key), text => ConfigEdit.Unset(text, parse.GetRequiredValue(key)), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(string key, Func<string, EditOutcome> edit, CliWorld world, CancellationToken cancellationToken)
    {
        MakeHome(world);
        var outcome = await ConfigChange.ApplyAsync(world.Home, key, edit, world.Time, cancellationToken);
        return outcome is ChangeOutcome.Done(var taken) ? await TellAsync(SettingsTable.Find(key)!, taken, world, cancellationToken) : Fail(outcome, key, world);
    }

    /// <summary>Says why nothing was changed.</summary>
    public static int Fail(ChangeOutcome outcome, string key, CliWorld world)
    {
        var (path, terminal) = (world.Home.Config, world.Terminal);
        return outcome switch
        {
            ChangeOutcome.Invalid(var errors) => Refuse(key, path, errors, terminal),
            ChangeOutcome.Unreadable(var why) => terminal.Fail(ExitCodes.ConfigInvalid, why),
            ChangeOutcome.Overtaken => terminal.Fail(ExitCodes.Refused, $"{path} was changed by somebody else at this moment; nothing was written", "try again"),
            ChangeOutcome.Unwritable(var why) => terminal.Fail(ExitCodes.HomeUnusable, $"{path} cannot be written: {why}", "the file is as it was"),
            _ => throw new InvalidOperationException("what was changed is no failure"),
        };
    }

    private static void MakeHome(CliWorld world)
    {
        try
        {
            HomeFolder.Make(world.Home);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // the edit says so itself, with what can be done
        }
    }

    private static int Refuse(string key, string path, ImmutableArray<ConfigError> errors, Terminal terminal) =>
        errors is [var only] && only.Path == key && only.Line is null
            ? terminal.Fail(ExitCodes.ConfigInvalid, only.ToString())
            : ConfigVerbs.Fail(terminal, path, errors);

    private static async Task<int> TellAsync(Setting setting, HelixConfig config, CliWorld world, CancellationToken cancellationToken)
    {
        var terminal = world.Terminal;
        var value = Setting.Print(setting.Read(config));
        terminal.Say(value.Length > 0 ? $"{setting.Path} is {value}{(JsonNode.DeepEquals(setting.Read(config), setting.Default) ? " (the default)" : "")}" : $"{setting.Path} is left to helix");
        if (ConfigChanges.Note(setting) is { } note) terminal.Say($"note: {note}");

        using var daemon = world.Daemon();
        switch (await daemon.PostAsync("/helix/v1/config/reload", null, ApiJson.Default.ReloadReport, cancellationToken))
        {
            case Answer<ReloadReport>.Is({ Taken: true }):
                if (ConfigChanges.Note(setting) is null) terminal.Say("the running helix has taken it");
                if (config.Builtin.Model is { } model && setting.Path == "builtin.model" && await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, cancellationToken) is Answer<StatusReport>.Is(var status) && status.Models.All(known => known.Id != model))
                    terminal.Say($"note: there is no model {model} yet; until there is, helix chooses. helix models list shows all.");
                return ExitCodes.Ok;
            case Answer<ReloadReport>.Is(var report): return terminal.Fail(ExitCodes.ConfigInvalid, $"the running helix has refused it: {string.Join("; ", report.Errors)}");
            case Answer<ReloadReport>.Refused refused: return refused.Fail(terminal);
            default: return ExitCodes.Ok;
        }
    }
}
