using System.Diagnostics;
using Helix.Bench.Measuring;
using Helix.Bench.Models;
using Helix.Bench.Peers;
using Helix.Bench.Wire;
using Helix.Core.Models;

namespace Helix.Bench;

/// <summary>
/// What the gateway adds to an engine asked directly. For all but the real tokens a mock takes the engine's seat: the engine's socket file is moved
/// aside and the mock listens at its path, so that the daemon, which notices nothing, is measured as it is.
/// </summary>
internal static class GatewayBench
{
    private const int Requests = 400;
    private const int PacedEvents = 1000;
    private const int Pace = 5000;
    private const int NewTokens = 128;

    public static IEnumerable<Finding> Run(Setting setting)
    {
        yield return Tokens(setting);

        using var helix = HelixServer.Start(setting, HelixServer.NewHome(setting));
        var model = helix.WaitForModel(id => id == SelfTestModel.Id);
        var socket = helix.EngineSocket(model);
        File.Move(socket, socket + ".aside");
        using var mock = Child.Start(setting.Log("mock"), Environment.ProcessPath!, ["mock", socket, model]);
        mock.WaitFor(Place.Unix(socket), "/v1/models", answer => answer.Text.Contains(MockEngine.Mark, StringComparison.Ordinal));
        using var nginx = Nginx.Start(setting, socket);
        foreach (var finding in FirstByte(setting, helix, model, Place.Unix(socket), nginx, mock)) yield return finding;
        foreach (var finding in Paced(setting, helix, model, nginx, mock)) yield return finding;
    }

    /// <summary>The same engine, asked through the gateway and directly in turn.</summary>
    private static Finding Tokens(Setting setting)
    {
        using var helix = HelixServer.Start(setting, HelixServer.NewHome(setting, RandomGguf.Get(setting.Models, Shape.Middle)));
        var model = helix.WaitForModel(id => id.Contains("random", StringComparison.Ordinal));
        var socket = helix.EngineSocket(model);
        var seed = 0;
        Complete(helix.Place);
        return new Rounds(setting.Rounds).Take(helix.Pids, () => Complete(helix.Place), () => Complete(Place.Unix(socket)))
            .Judge("gateway", $"decode of {Shape.Middle.FileName}, of the engine asked directly", "tok/s", new Target.RatioAtLeast(0.97), 0, 1);

        double[] Complete(Place place)
        {
            using var link = new HttpLink(place);
            return [Chat.Complete(link, model, Words.Prompt(8, ++seed), NewTokens).DecodeRate];
        }
    }

    private static IEnumerable<Finding> FirstByte(Setting setting, HelixServer helix, string model, Place direct, Nginx nginx, Child mock)
    {
        var rounds = new Rounds(setting.Rounds).Take([.. helix.Pids, .. nginx.Pids, mock.Pid], () => P50(helix.Place), () => P50(direct), () => P50(nginx.Place));
        yield return rounds.Judge("gateway", "first byte p50, of the mock asked directly", "ms", new Target.MoreByAtMost(0.3), 0, 1);
        yield return rounds.Judge("gateway", "first byte p50, of nginx", "ms", Target.None, 0, 2);

        double[] P50(Place place)
        {
            using var link = new HttpLink(place);
            return [Series.Median(Enumerable.Range(0, Requests).Select(_ =>
            {
                var answer = Mocked(Chat.Talk(link, model, 4));
                return Stopwatch.GetElapsedTime(answer.Asked, answer.Pieces[0].Ticks).TotalMilliseconds;
            }))];
        }
    }

    private static IEnumerable<Finding> Paced(Setting setting, HelixServer helix, string model, Nginx nginx, Child mock)
    {
        int[] own = [.. helix.Pids, .. nginx.Pids, mock.Pid];
        var daemon = helix.DaemonPid;
        var idle = new Rounds(1).Take(own, () =>
        {
            var before = CpuClock.Of(daemon);
            Child.Pause(TimeSpan.FromSeconds(10));
            return [(CpuClock.Of(daemon) - before).TotalMilliseconds / 10];
        });
        yield return idle.Judge("gateway", "CPU of the idle daemon", "ms/s", Target.None, 0);
        var rounds = new Rounds(setting.Rounds).Take(own, () => PerEvent(helix.Place, [daemon]), () => PerEvent(nginx.Place, nginx.Pids));
        yield return rounds.Judge("gateway", $"CPU per event, one stream, one event each {Pace / 1000} ms, of nginx", "µs", new Target.RatioAtMost(1.6), 0, 1);

        double[] PerEvent(Place place, IReadOnlyList<int> pids)
        {
            using var link = new HttpLink(place);
            Mocked(Chat.Talk(link, model, 4));
            var before = CpuClock.Of(pids);
            Mocked(Chat.Talk(link, model, PacedEvents, Pace));
            return [(CpuClock.Of(pids) - before).TotalMicroseconds / PacedEvents];
        }
    }

    private static Answer Mocked(Answer answer) =>
        answer.Text.Contains(MockEngine.Mark, StringComparison.Ordinal) ? answer : throw new IOException("The mock was asked and another engine answered.");
}
