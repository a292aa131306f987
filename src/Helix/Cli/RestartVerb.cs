using System.CommandLine;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary>Puts a new daemon in the place of the old one, or everything anew.</summary>
internal static class RestartVerb
{
    public static Command Create(CliWorld world)
    {
        var engines = new Option<bool>("--engines") { Description = "Stop everything and start it anew, the engines too." };
        var verb = new Verb("restart", "Replace the daemon by a new one; engines go on.", "helix restart", "helix restart --engines") { engines };
        verb.SetAction((parse, _) => parse.GetValue(engines) ? AllAsync(world) : DaemonAsync(world));
        return verb;
    }

    private static async Task<int> AllAsync(CliWorld world)
    {
        if (ConfigVerbs.Load(world) is null) return ExitCodes.ConfigInvalid;
        await world.Keeper.QuitAsync(CancellationToken.None);
        return await StartVerb.RunAsync(foreground: false, json: false, world);
    }

    private static async Task<int> DaemonAsync(CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        using var daemon = world.Daemon();
        var before = await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, world.Interrupts.Token);
        if (before is Answer<StatusReport>.NotRunning) return before.Fail(world.Terminal);
        if (await world.Keeper.RenewAsync(world.Interrupts.Token) is { } trouble) return world.Terminal.Fail(ExitCodes.StartFailed, trouble);

        var old = before is Answer<StatusReport>.Is(var report) ? report.Pid : (int?)null;
        switch (await new StartWatch(daemon, world).RunAsync(needsModel: false, old))
        {
            case StartOutcome.Ready(var status):
                world.Terminal.Say($"helix {VersionVerb.Short(status.Version)} runs anew at {status.Address} (pid {status.Pid})");
                return ExitCodes.Ok;
            case StartOutcome.Failed(var reason): return world.Terminal.Fail(ExitCodes.StartFailed, reason, "helix local-llm logs helix");
            default: throw new InvalidOperationException("a start is ready or failed");
        }
    }
}
