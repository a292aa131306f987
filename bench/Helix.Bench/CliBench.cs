using System.Diagnostics;
using System.Net.Sockets;
using Helix.Bench.Measuring;
using Helix.Bench.Peers;
using Helix.Bench.Wire;
using Helix.Core.Models;

namespace Helix.Bench;

/// <summary>How long a user waits, and what helix takes of the machine while nobody asks anything.</summary>
internal static class CliBench
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static IEnumerable<Finding> Run(Setting setting)
    {
        yield return new Rounds(setting.Rounds).Take([], () => [StartToToken(setting)])
            .Judge("cli", "`helix start` in a new home to the first token of the self-test model", "s", new Target.AtMost(2), 0);
        yield return new Rounds(setting.Rounds).Take([], () => [ColdStart(setting)])
            .Judge("cli", "keeper and daemon started, to a request answered", "s", new Target.AtMost(0.15), 0);

        using var helix = HelixServer.Start(setting, HelixServer.NewHome(setting));
        helix.WaitForModel(id => id == SelfTestModel.Id);
        foreach (var finding in Status(helix, setting)) yield return finding;
        Child.Pause(TimeSpan.FromSeconds(10));
        var memory = new Rounds(1).Take(helix.Pids, () =>
        {
            var daemon = ProcFile.ResidentMegabytes(helix.DaemonPid);
            return [daemon, daemon + ProcFile.ResidentMegabytes(helix.KeeperPid)]; // pages of the program that both use are counted twice
        });
        yield return memory.Judge("cli", "memory of the idle daemon", "MB", new Target.AtMost(40), 0);
        yield return memory.Judge("cli", "memory of the idle daemon and the keeper", "MB", new Target.AtMost(55), 0, quantity: 1);
    }

    private static IEnumerable<Finding> Status(HelixServer helix, Setting setting)
    {
        const int runs = 30;
        var environment = HelixServer.Environment(helix.Home);
        var rounds = new Rounds(runs, patience: 0).Take(
            helix.Pids,
            () => [Child.Run(setting.Helix, ["status"], environment).Time.TotalMilliseconds],
            () => [Child.Run(setting.Helix, ["version"], environment).Time.TotalMilliseconds],
            () => [Child.Run("/bin/true", []).Time.TotalMilliseconds]);
        yield return rounds.Judge("cli", "`helix status`, of `true`", "ms", new Target.AtMost(20), 0, 2);
        yield return rounds.Judge("cli", "`helix version`, of `true`", "ms", Target.None, 1, 2);
    }

    private static double StartToToken(Setting setting)
    {
        var home = HelixServer.NewHome(setting);
        var environment = HelixServer.Environment(home);
        var begun = Stopwatch.GetTimestamp();
        try
        {
            Child.Run(setting.Helix, ["start"], environment);
            using var link = new HttpLink(Place.Loopback(HelixServer.PortOf(home)));
            var stream = TokenStream.Read(Chat.Talk(link, SelfTestModel.Id, 32));
            return Stopwatch.GetElapsedTime(begun).TotalSeconds - (stream.Last - stream.FirstToken).TotalSeconds;
        }
        finally
        {
            Child.Run(setting.Helix, ["stop"], environment);
        }
    }

    private static double ColdStart(Setting setting)
    {
        var home = HelixServer.NewHome(setting);
        var begun = Stopwatch.GetTimestamp();
        using var helix = HelixServer.Start(setting, home);
        while (Stopwatch.GetElapsedTime(begun) < s_patience)
        {
            try
            {
                using var link = new HttpLink(helix.Place);
                if (link.Get("/v1/models").Status == 200) return Stopwatch.GetElapsedTime(begun).TotalSeconds;
            }
            catch (SocketException)
            {
                Child.Pause(TimeSpan.FromMilliseconds(1));
            }
        }

        throw new IOException($"helix did not answer within {s_patience.TotalSeconds:0} s; {setting.Log("keeper")} says why.");
    }
}
