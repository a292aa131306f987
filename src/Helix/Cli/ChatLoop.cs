using Helix.Contracts;

namespace Helix.Cli;

/// <summary>Questions and answers until somebody leaves. Ctrl-C stops an answer, and at the prompt it leaves.</summary>
internal sealed class ChatLoop(Conversation conversation, StatusReport report, CliWorld world)
{
    private readonly Terminal _terminal = world.Terminal;

    public async Task<int> RunAsync()
    {
        _terminal.Say($"talking to {conversation.Model}; /help shows what else you can do, /exit leaves");
        while (await ReadAsync() is { } line)
        {
            switch (line.Trim().Split(' ', 2, StringSplitOptions.TrimEntries))
            {
                case [""]: break;
                case ["/exit" or "/quit" or "/bye"]: return ExitCodes.Ok;
                case ["/help"]: _terminal.Say("/model NAME  talk to another model\n/model       show which models there are\n/stats       say how fast each answer came, or stop it\n/exit        leave; so does Ctrl-D"); break;
                case ["/stats"]:
                    conversation.ShowsStats = !conversation.ShowsStats;
                    _terminal.Say(conversation.ShowsStats ? "each answer is followed by its speed" : "no more speeds");
                    break;
                case ["/model"]: _terminal.Say($"{string.Join(", ", ChatVerb.Names(report))} (now: {conversation.Model})"); break;
                case ["/model", var model] when !ChatVerb.Knows(report, model): ChatVerb.Unknown(_terminal, model, report); break;
                case ["/model", var model]:
                    conversation.Model = model;
                    _terminal.Say($"talking to {model}");
                    break;
                case [['/', ..] command, ..]: _terminal.Say($"there is no {command}; /help shows what there is"); break;
                default:
                    await conversation.AskAsync(line);
                    world.Interrupts.Renew();
                    break;
            }
        }

        return world.Interrupts.Struck ? ExitCodes.Interrupted : ExitCodes.Ok;
    }

    /// <summary>The next line; null at its end, or when somebody interrupted the waiting.</summary>
    private async Task<string?> ReadAsync()
    {
        await _terminal.Error.WriteAsync("> ");
        try
        {
            // a terminal's reader blocks, so it waits on a thread of its own
            return await Task.Run(_terminal.In.ReadLine).WaitAsync(world.Interrupts.Token);
        }
        catch (OperationCanceledException)
        {
            _terminal.Say("");
            return null;
        }
    }
}
