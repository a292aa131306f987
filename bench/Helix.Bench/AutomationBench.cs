using System.Runtime.InteropServices;
using System.Text.Json;
using Helix.Bench.Measuring;
using Helix.Bench.Peers;

namespace Helix.Bench;

/// <summary>What the six automations cost beside thirteen idle providers, and how soon the end of an engine is known.</summary>
internal static partial class AutomationBench
{
    private const string Off =
        "auto_manager:\n  auto_monitor: false\n  auto_update: false\nhealth:\n  auto_recovery: false\nperformance:\n  auto_optimize: false\n  predict_scaling: false\n"
        + "security:\n  watch: false\nbackup:\n  enabled: false\ncleanup:\n  enabled: false\n";

    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(60);

    public static IEnumerable<Finding> Run(Setting setting)
    {
        using var on = Start(setting, "");
        using var off = Start(setting, Off);
        // what starting thirteen engines took is not what watching them takes
        Child.Pause(s_settled);
        int[] all = [.. on.Pids, .. off.Pids];
        var cost = new Rounds(setting.Rounds, quiet: 0.2).Take(all, () => Idle(on), () => Idle(off));
        yield return cost.Judge("automation", "CPU of daemon and keeper beside thirteen idle engines, of the same with all off", "% of a core", new Target.MoreByAtMost(1), 0, 1);
        yield return cost.Judge("automation", "memory of daemon and keeper, of the same with all off", "MB", new Target.MoreByAtMost(15), 0, 1, quantity: 1);

        // each once: the first restart is at once, later ones wait
        var left = new Queue<string>(TimerFleet.Ids);
        var ends = new Rounds(TimerFleet.Ids.Length, patience: 0).Take([on.KeeperPid, on.DaemonPid], () => [EndSeen(on, left.Dequeue())]);
        yield return ends.Judge("automation", "from the kill of an engine to its end in the history", "ms", new Target.AtMost(50), 0);
    }

    private static HelixServer Start(Setting setting, string settings)
    {
        var fleet = new TimerFleet(setting, settings);
        var helix = HelixServer.Start(setting, fleet.Home);
        helix.WaitForModel(id => id == TimerFleet.Model);
        Child.Run(setting.Helix, ["local-llm", "start", "--all"], HelixServer.Environment(fleet.Home));
        var missing = TimerFleet.Ids.Except(helix.In("ready")).ToArray();
        return missing.Length == 0 ? helix : throw new IOException($"{string.Join(", ", missing)}: not ready");
    }

    private static double[] Idle(HelixServer helix)
    {
        int[] own = [helix.DaemonPid, helix.KeeperPid];
        var before = CpuClock.Of(own);
        Child.Pause(s_watched);
        return [(CpuClock.Of(own) - before) / s_watched * 100, own.Sum(ProcFile.ResidentMegabytes)];
    }

    /// <summary>At once: starting a program for it would take longer than what is measured.</summary>
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    /// <summary>Milliseconds, by the moment that the history itself gives.</summary>
    private static double EndSeen(HelixServer helix, string id)
    {
        // those before it load again, which is work that has nothing to do with it
        while (TimerFleet.Ids.Except(helix.In("ready")).Any()) Child.Pause(TimeSpan.FromMilliseconds(200));
        var (name, pid) = helix.Instances().First(instance => instance.Name.StartsWith(id, StringComparison.Ordinal));
        var killed = TimeProvider.System.GetUtcNow();
        _ = Kill(pid, 9);
        for (var look = 0; look < 1000; look++)
        {
            var seen = helix.History($"since={killed.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}&kind=state").FirstOrDefault(each => each.GetProperty("subject").GetString() == name && each.GetProperty("at").GetDateTimeOffset() >= killed);
            if (seen.ValueKind == JsonValueKind.Object) return (seen.GetProperty("at").GetDateTimeOffset() - killed).TotalMilliseconds;
            Child.Pause(TimeSpan.FromMilliseconds(10));
        }

        throw new IOException($"the end of {name} was not seen within ten seconds");
    }
}
