namespace Helix.Cli;

/// <summary>Asks whether something may be done.</summary>
internal static class Consent
{
    /// <summary>Asks on a terminal. Elsewhere nobody can answer, so it is said how to have it done.</summary>
    /// <param name="command">That does it without being asked.</param>
    public static async Task<bool> AskAsync(CliWorld world, string question, string command)
    {
        var terminal = world.Terminal;
        if (!terminal.InIsTerminal)
        {
            terminal.Say($"nothing was changed; to do it: {command}");
            return false;
        }

        await terminal.Error.WriteAsync($"{question} [y/N] ");
        // a terminal's reader blocks, so it waits on a thread of its own
        var answer = await Task.Run(terminal.In.ReadLine).WaitAsync(world.Interrupts.Token);
        if (answer?.Trim().ToLowerInvariant() is "y" or "yes") return true;
        terminal.Say("nothing was changed");
        return false;
    }
}
