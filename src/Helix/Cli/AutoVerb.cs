using System.CommandLine;

namespace Helix.Cli;

/// <summary>Starts helix and sees to it that it comes back after a reboot.</summary>
internal static class AutoVerb
{
    public static Command Create(CliWorld world)
    {
        var off = new Option<bool>("--off") { Description = "No longer start after a reboot; what runs goes on." };
        var verb = new Verb("auto", "Start helix, now and after every reboot.", "helix auto", "helix auto --off", "helix auto status") { off };
        verb.Add(AutomationVerbs.Status(world));
        verb.Add(AutomationVerbs.Run(world));
        verb.SetAction((parse, _) => parse.GetValue(off) ? Task.FromResult(Off(world)) : OnAsync(world));
        return verb;
    }

    private static async Task<int> OnAsync(CliWorld world)
    {
        if (await StartVerb.RunAsync(foreground: false, json: false, world) is not ExitCodes.Ok and var code) return code;
        if (world.Service.Plan() is not { } plan)
        {
            world.Terminal.Say("note: this system has neither systemd nor launchd, so helix will not come back by itself after a reboot; run \"helix start\" then");
            return ExitCodes.Ok;
        }

        try
        {
            plan.Install();
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return world.Terminal.Fail(ExitCodes.Refused, $"the service cannot be installed: {unwritable.Message}", "helix runs, but will not come back after a reboot");
        }

        world.Terminal.Say($"helix comes back after a reboot ({plan.File})");
        foreach (var note in await plan.FinishAsync(world.Time)) world.Terminal.Say($"note: {note}");
        return ExitCodes.Ok;
    }

    private static int Off(CliWorld world)
    {
        var removed = world.Service.Plan() is { } plan && plan.Remove();
        world.Terminal.Say(removed ? "helix no longer starts after a reboot; what runs now goes on, \"helix stop\" ends it" : "helix was not set to start after a reboot");
        return ExitCodes.Ok;
    }
}
