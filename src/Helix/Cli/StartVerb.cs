using System.CommandLine;
using System.Globalization;
using System.Net;
using Helix.Backup;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Processes;

namespace Helix.Cli;

/// <summary>Starts everything, shows what happens, and ends with the truth.</summary>
internal static class StartVerb
{
    private const string MonitorPort = "gateway.monitor_port";

    public static Command Create(CliWorld world)
    {
        var foreground = new Option<bool>("--foreground") { Description = "Stay, show the log, and stop everything on Ctrl-C." };
        var all = StartAll.Option();
        var monitor = new Option<string?>("--monitor-port") { Description = "Open the dashboard at this port of 127.0.0.1, too, from now on; 0: no longer.", HelpName = "PORT" };
        var verb = new Verb("start", "Start helix, and show where it answers.", "helix start", "helix start --all", "helix start --foreground", "helix start --monitor-port 8080", "helix start --format json") { foreground, all, monitor };
        FormatOption.Add(verb);
        monitor.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !ushort.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out _)) result.AddError("--monitor-port must be a port from 1 to 65535, or 0 for none.");
        });
        verb.Validators.Add(result =>
        {
            if (result.GetValue(all) && (result.GetValue(foreground) || result.GetValue<string>(FormatOption.Name) == "json")) result.AddError("--all goes with neither --foreground nor --format json.");
        });
        verb.SetAction(async (parse, _) =>
        {
            if (parse.GetValue(monitor) is { } port && await SetMonitorAsync(port, world) is { } failed) return failed;
            var code = await RunAsync(parse.GetValue(foreground), parse.IsJson(), world);
            if (code != ExitCodes.Ok || !parse.GetValue(all)) return code;
            world.Terminal.Out.WriteLine();
            return await StartAll.RunAsync(world, world.Interrupts.Token);
        });
        return verb;
    }

    public static async Task<int> RunAsync(bool foreground, bool json, CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        var terminal = world.Terminal;
        var isNew = world.Keeper.Socket is null;
        if (Prepare(world) is { } trouble) return terminal.Fail(trouble.ExitCode, trouble.Reason, trouble.Remedy);
        if (ConfigVerbs.Load(world) is not { Config: var config }) return ExitCodes.ConfigInvalid;

        var log = new LogTail(world.Home.DaemonLog, fromEnd: true);
        if (isNew) terminal.Say("starting helix …");
        if (await StartKeeperAsync(world.Interrupts.Token) is { } failed)
            return terminal.Fail(failed.ExitCode, failed.Reason, failed.Remedy);

        using var daemon = world.Daemon();
        switch (await new StartWatch(daemon, world, StartKeeperAsync).RunAsync(needsModel: config.AutoManager.AutoStart))
        {
            case StartOutcome.Ready(var status):
                if (json) terminal.WriteJson(status, ApiJson.Default.StatusReport);
                else StartSummary.Write(terminal, status, await DashboardVerb.LinkAsync(daemon, world.Interrupts.Token));
                if (isNew && new Uri(status.Address).Port != config.Gateway.Port)
                    terminal.Say($"note: port {config.Gateway.Port} is taken by another program, so helix took the next free one");
                return foreground ? await StayAsync(log, world) : ExitCodes.Ok;
            case StartOutcome.Failed(var reason):
                var lines = log.LastNewLines(20);
                terminal.Fail(ExitCodes.StartFailed, reason, lines.Count > 0 ? $"the last lines of {world.Home.DaemonLog}:" : $"the log is {world.Home.DaemonLog}");
                foreach (var line in lines) terminal.Say($"       {line}");
                terminal.Say("       what runs goes on trying; end it with: helix stop");
                return ExitCodes.StartFailed;
            default: throw new InvalidOperationException("a start is ready or failed");
        }

        Task<KeeperTrouble?> StartKeeperAsync(CancellationToken cancellationToken) =>
            world.Keeper.StartAsync(new(IPAddress.Parse(config.Gateway.Listen), config.Gateway.Port), cancellationToken);
    }

    /// <summary>Writes down where the dashboard is to be open besides; a helix that runs follows at once.</summary>
    /// <returns>Null where it is written, else the exit code.</returns>
    private static async Task<int?> SetMonitorAsync(string port, CliWorld world)
    {
        if (Prepare(world) is { } trouble) return world.Terminal.Fail(trouble.ExitCode, trouble.Reason, trouble.Remedy);
        var outcome = await ConfigChange.ApplyAsync(world.Home, MonitorPort, text => ConfigEdit.Set(text, MonitorPort, port), world.Time, world.Interrupts.Token);
        if (outcome is not ChangeOutcome.Done) return ConfigChangeVerb.Fail(outcome, MonitorPort, world);
        using var daemon = world.Daemon();
        await daemon.PostAsync("/helix/v1/config/reload", null, ApiJson.Default.ReloadReport, world.Interrupts.Token);
        return null;
    }

    private static KeeperTrouble? Prepare(CliWorld world)
    {
        try
        {
            new RestoreJournal(world.Home).FinishWhileQuiet();
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return new(ExitCodes.HomeUnusable, $"a restore that was killed cannot be brought to its end: {unwritable.Message}", "free some room, or make the home writable, and start helix again");
        }

        if (world.Keeper.Prepare() is { } trouble) return trouble;
        try
        {
            ConfigFile.WriteDefaultIfAbsent(world.Home.Config);
            return null;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return new(ExitCodes.HomeUnusable, $"{world.Home.Config} cannot be written: {unwritable.Message}", "make it writable, or choose another home with HELIX_HOME");
        }
    }

    /// <summary>Shows the log until somebody ends helix, here or elsewhere, or something does.</summary>
    private static async Task<int> StayAsync(LogTail log, CliWorld world)
    {
        world.Terminal.Say("Ctrl-C stops everything");
        try
        {
            if (await new StayWatch(world.Keeper, world.Time).ShowUntilTheEndAsync(log, world.Terminal, world.Interrupts.Token) is KeeperLife.Lost)
                return world.Terminal.Fail(ExitCodes.StartFailed, "helix was not stopped, and yet it is gone: its keeper and its daemon were killed", "start it again: helix start");
        }
        catch (OperationCanceledException)
        {
            world.Terminal.Say("stopping …");
            await world.Keeper.QuitAsync(CancellationToken.None);
        }

        world.Terminal.Say("helix is stopped");
        return ExitCodes.Ok;
    }
}
