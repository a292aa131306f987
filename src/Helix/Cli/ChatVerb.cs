using System.CommandLine;
using Helix.Contracts;
using Helix.Core.Fleet;

namespace Helix.Cli;

/// <summary>
/// A chat in the terminal, or one answer for a script. One argument alone is a model if helix knows one of that
/// id, and else a prompt if it has a space in it.
/// </summary>
internal static class ChatVerb
{
    public static Command Create(CliWorld world)
    {
        var model = new Argument<string?>("MODEL") { Description = "Which model; \"auto\" lets helix choose.", Arity = ArgumentArity.ZeroOrOne };
        var prompt = new Argument<string?>("PROMPT") { Description = "What to ask; without it, from stdin, or in a conversation on a terminal.", Arity = ArgumentArity.ZeroOrOne };
        var stats = new Option<bool>("--stats") { Description = "Say how fast each answer came." };
        var verb = new Verb(
            "chat", "Talk to a model.", "helix chat", "helix chat \"What is a helix?\"", "helix chat auto < question.txt", "helix chat helix-selftest \"Hello\" --stats") { model, prompt, stats };
        verb.SetAction((parse, _) => RunAsync(parse.GetValue(model), parse.GetValue(prompt), parse.GetValue(stats), world));
        return verb;
    }

    private static async Task<int> RunAsync(string? model, string? prompt, bool stats, CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        using var daemon = world.Daemon();
        var status = await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, world.Interrupts.Token);
        if (status is not Answer<StatusReport>.Is(var report)) return status.Fail(world.Terminal);

        if (model is not null && prompt is null && model.Contains(' ', StringComparison.Ordinal) && !Knows(report, model)) (model, prompt) = ("auto", model);
        model ??= "auto";
        if (!Knows(report, model)) return Unknown(world.Terminal, model, report);
        if (!Names(report).Contains(model) && report.Providers.FirstOrDefault(provider => model.StartsWith(provider.Id + "/", StringComparison.Ordinal)) is { State: ProviderState.Unsupported or ProviderState.Available or ProviderState.Installing } absent)
            return world.Terminal.Fail(ExitCodes.Refused, $"{absent.Id}: {absent.Reason}", "helix local-llm list shows all of them");

        var conversation = new Conversation(daemon, world, model) { ShowsStats = stats };
        if (prompt is not null) return await conversation.AskAsync(prompt);
        if (world.Terminal.InIsTerminal) return await new ChatLoop(conversation, report, world).RunAsync();

        var text = await world.Terminal.In.ReadToEndAsync(world.Interrupts.Token);
        return string.IsNullOrWhiteSpace(text)
            ? world.Terminal.Fail(ExitCodes.Usage, "there is nothing to ask: stdin is empty", "helix chat \"your question\"")
            : await conversation.AskAsync(text.TrimEnd('\r', '\n'));
    }

    /// <summary>What goes by PROVIDER/MODEL, the gateway knows.</summary>
    public static bool Knows(StatusReport report, string model) =>
        Names(report).Contains(model) || (model.IndexOf('/', StringComparison.Ordinal) is > 0 and var end && report.Providers.Any(provider => provider.Id == model[..end]));

    public static int Unknown(Terminal terminal, string model, StatusReport report) => terminal.Fail(
        ExitCodes.NotFound, $"there is no model \"{model}\"", $"there are: {string.Join(", ", Names(report))}");

    /// <summary>What a request may name.</summary>
    public static IEnumerable<string> Names(StatusReport report) => report.Models.Select(known => known.Id).Prepend("auto").Concat(report.Aliases ?? []);
}
