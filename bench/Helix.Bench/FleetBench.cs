using System.Diagnostics;
using System.Globalization;
using Helix.Bench.Measuring;
using Helix.Bench.Peers;

namespace Helix.Bench;

/// <summary>Thirteen providers whose start is a timer: how much longer all of them take than the slowest alone, and what the command line takes beside them.</summary>
internal static class FleetBench
{
    private const string Slowest = "timer13";

    public static IEnumerable<Finding> Run(Setting setting)
    {
        var fleet = new TimerFleet(setting);
        using var helix = HelixServer.Start(setting, fleet.Home);
        helix.WaitForModel(id => id == TimerFleet.Model);
        var environment = HelixServer.Environment(fleet.Home);
        yield return new Rounds(setting.Rounds, patience: 0).Take(helix.Pids, () => [Start(["start", "--all"], TimerFleet.Ids)], () => [Start(["start", Slowest], [Slowest])])
            .Judge("fleet", "thirteen stand-ins started at once, of the slowest alone", "s", new Target.RatioAtMost(1.2), 0, 1);

        Child.Run(setting.Helix, ["local-llm", "start", "--all"], environment);
        var rounds = new Rounds(30, patience: 0).Take(
            helix.Pids,
            () => [Child.Run(setting.Helix, ["local-llm", "list"], environment).Time.TotalMilliseconds],
            () => [Child.Run(setting.Helix, ["local-llm", "status"], environment).Time.TotalMilliseconds],
            () => [Child.Run("/bin/true", []).Time.TotalMilliseconds]);
        yield return rounds.Judge("fleet", "`helix local-llm list` while thirteen run, of `true`", "ms", new Target.AtMost(50), 0, 2);
        yield return rounds.Judge("fleet", "`helix local-llm status` while thirteen run, of `true`", "ms", new Target.AtMost(50), 1, 2);

        // the command itself ends when all of them are ready or cannot be
        double Start(string[] words, string[] ids)
        {
            var begun = Stopwatch.GetTimestamp();
            Child.Run(setting.Helix, ["local-llm", .. words], environment);
            var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            var running = helix.In("ready");
            if (ids.Except(running).FirstOrDefault() is { } missing) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{missing} is not ready after {seconds:0.0} s"));
            foreach (var id in TimerFleet.Ids) Child.Run(setting.Helix, ["local-llm", "stop", id], environment);
            return seconds;
        }
    }
}
