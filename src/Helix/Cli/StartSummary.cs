using Helix.Contracts;

namespace Helix.Cli;

/// <summary>What somebody needs to know who has just started helix.</summary>
internal static class StartSummary
{
    /// <param name="dashboard">Signs one browser in; null where there is no dashboard.</param>
    public static void Write(Terminal terminal, StatusReport status, LinkReport? dashboard)
    {
        var ready = status.Models.Where(model => model.State == "ready").OrderBy(model => model.SelfTest).FirstOrDefault();
        terminal.Out.WriteLine($"helix is ready at {status.Address}");
        terminal.Out.WriteLine();
        if (dashboard is not null)
        {
            terminal.Out.WriteLine($"  open   {dashboard.Url}");
            terminal.Out.WriteLine("         the dashboard, for one browser, within ten minutes; later: helix dashboard");
        }

        terminal.Tell($"  model  {(ready is null ? "none yet" : ready.Id)}");
        terminal.Out.WriteLine("  chat   helix chat");
        terminal.Out.WriteLine($"         curl {status.Address}/v1/chat/completions -H 'Content-Type: application/json' \\");
        terminal.Out.WriteLine("           -d '{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'");
        terminal.Out.WriteLine("  stop   helix stop");
        if (ready is { SelfTest: true })
            terminal.Say("note: the self-test model answers every prompt with one text; get a real one with: helix models pull NAME-or-URL, or helix models add PATH");
        if (ready is null && status.Models.FirstOrDefault(model => model.State == "off") is { Detail: { } why })
            terminal.Say($"note: no model is served: {why}");
        foreach (var note in status.Notes) terminal.Say($"note: {note}");
    }
}
