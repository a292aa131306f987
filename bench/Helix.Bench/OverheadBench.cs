using System.Globalization;
using Helix.Bench.Measuring;
using Helix.Bench.Peers;
using Helix.Core.Models;

namespace Helix.Bench;

/// <summary>
/// What helix takes for itself, beside what other fronts of the same engine take. helix is the whole daemon: it asks for a key, keeps accounts, and chooses
/// for each request between four engines, all of which are one mock, which the other fronts have alone.
/// </summary>
internal static class OverheadBench
{
    private const string Group = "overhead";

    /// <summary>As the model is called by those who ask and by the engine: nobody has to change the body of a request.</summary>
    private const string Model = "mock";

    /// <summary>Room for the longest prompt.</summary>
    private const int Context = 131_072;

    /// <summary>As many as a model may have, so that four engines have places for all connections: otherwise the gateway would let some of them wait.</summary>
    private const int Slots = 64;

    private const int Most = 256;
    private const string Launch = """[--host, "{socket}", --model, "{model}", --alias, "{model_id}", --ctx-size, "{context_total}", --parallel, "{slots}"]""";

    private static readonly string[] s_engines = ["engine1", "engine2", "engine3", "engine4"];

    private static readonly LoadShape[] s_shapes =
    [
        .. Of(LoadKind.Plain), .. Of(LoadKind.Streamed), .. Of(LoadKind.Paced),
        new(LoadKind.Plain, 16, LoadShape.Medium), new(LoadKind.Streamed, 16, LoadShape.Medium), new(LoadKind.Plain, 16, LoadShape.Long), new(LoadKind.Streamed, 16, LoadShape.Long),
    ];

    public static IEnumerable<Finding> Run(Setting setting)
    {
        using var helix = Start(setting);
        var front = setting.Socket("mock");
        using var mock = TakeSeats(setting, helix, front);
        using var nginx = Nginx.Start(setting, front);
        using var fronts = PeerFronts.Start(setting, front, mock.Place);
        var meter = new FrontMeter(setting, mock, Model);
        var key = Child.Run(setting.Helix, ["keys", "create", "overhead"], HelixServer.Environment(helix.Home)).Output.Trim();
        var own = new Contender("helix", helix.Place, [helix.DaemonPid], $"Authorization: Bearer {key}");
        Contender[] all =
        [
            new("the engine asked directly", mock.Place, [], Contender.AnyKey), new("nginx", nginx.Place, nginx.Pids, Contender.AnyKey),
            .. fronts.Running.Where(contender => Speaks(meter, contender)), own,
        ];
        if (!Speaks(meter, own)) throw new IOException("helix does not pass on what its engine says.");
        RequirePlaces(helix, meter, own);
        foreach (var contender in all) meter.WarmUp(contender);

        int[] pids = [.. helix.Pids, .. all[..^1].SelectMany(contender => contender.Pids), mock.Pid];
        foreach (var shape in s_shapes.Where(shape => shape.Words.Contains(setting.Only, StringComparison.Ordinal)))
        {
            var rounds = new Rounds(setting.Rounds, patience: 1).Take(pids, [.. all.Select(contender => (Func<double[]>)(() => meter.Measure(contender, shape)))]);
            foreach (var finding in Judge(rounds, shape, all)) yield return finding;
        }

        for (var round = 0; round < setting.Rounds; round++)
            foreach (var contender in all) meter.Leave(contender);
        foreach (var finding in ((Contender?[])[null, .. all[1..^1]]).SelectMany(peer => Count(meter, own, peer, setting.Rounds))) yield return finding;
    }

    private static IEnumerable<LoadShape> Of(LoadKind kind) => ((int[])[1, 16, 64, Most]).Select(connections => new LoadShape(kind, connections));

    /// <summary>Four providers of the user's own, and nothing that is done while nobody asks but what keeps them well.</summary>
    private static HelixServer Start(Setting setting)
    {
        var home = HelixServer.NewHome(setting);
        File.WriteAllBytes(Path.Combine(home, "local-llm", "models", Model + ".gguf"), ScriptedGguf.Make("ready", Model, Context));
        HelixServer.Configure(
            home, "memory_gb: 16", $"providers:\n  enabled: [{string.Join(", ", s_engines)}]\nbuiltin:\n  slots: {Slots}\n  context: {Context}\nsecurity:\n  require_key: true\nperformance:\n  auto_optimize: false\n  predict_scaling: false\n");
        foreach (var id in s_engines) OwnProvider.Add(home, id, Launch, 60, $"DOTNET_TieredCompilation=1 exec '{Setting.StandIn}' --as llamacpp --standin-version 1.0 \"$@\"");
        return HelixServer.Start(setting, home);
    }

    /// <summary>The mock listens where each of the engines did.</summary>
    /// <param name="front">Where it listens for the other fronts.</param>
    private static LoadMock TakeSeats(Setting setting, HelixServer helix, string front)
    {
        helix.WaitForModel(id => id == Model);
        foreach (var id in s_engines) Child.Run(setting.Helix, ["local-llm", "start", id], HelixServer.Environment(helix.Home));
        string[] seats = [.. helix.EngineSockets(Model)];
        if (seats.Length != s_engines.Length) throw new IOException($"{seats.Length} of {s_engines.Length} engines serve {Model}.");
        foreach (var seat in seats) File.Move(seat, seat + ".aside");
        return LoadMock.Start(setting, Model, [front, .. seats]);
    }

    private static bool Speaks(FrontMeter meter, Contender contender)
    {
        foreach (var kind in (string[][])[[], ["-s"]])
        {
            var run = meter.Run(contender, ["-c", "4", "-n", "40", .. kind]);
            if (run is { Answered: 40, Wrong: 0, Failed: 0 }) continue;
            Console.Error.WriteLine($"  {contender.Name} gave {run.Answered} answers of 40{(kind is [] ? "" : " in streams")}, {run.Wrong} of them wrong: it is left out.");
            return false;
        }

        return true;
    }

    /// <summary>What waits in the gateway is no work of the gateway's, and would be measured as such.</summary>
    private static void RequirePlaces(HelixServer helix, FrontMeter meter, Contender own)
    {
        var load = Task.Run(() => meter.Run(own, "-s", "-i", "5000", "-k", "400", "-c", Most.ToString(CultureInfo.InvariantCulture), "-n", Most.ToString(CultureInfo.InvariantCulture)));
        var most = 0;
        while (Task.WaitAny([load], TimeSpan.FromMilliseconds(100)) < 0) most = Math.Max(most, helix.InFlight(Model));
        load.GetAwaiter().GetResult();
        if (most < Most) throw new IOException($"Of {Most} streams helix let {most} through at once; its plan gives the engines fewer slots than were asked for.");
    }

    private static IEnumerable<Finding> Judge(Series rounds, LoadShape shape, Contender[] all)
    {
        const int direct = 0, nginx = 1;
        var helix = all.Length - 1;
        var (words, isMany) = (shape.Words, shape is { IsShort: true, IsSingle: false });
        var (rate, cpu, each) = shape.Kind == LoadKind.Plain ? (Quantity.Answers, Quantity.CpuOfAnswer, "answer") : (Quantity.Events, Quantity.CpuOfEvent, "event");
        for (var peer = direct; peer < helix; peer++)
        {
            var (of, isJudged) = (all[peer].Name, peer == nginx);
            if (shape.Kind != LoadKind.Paced || peer == direct) yield return Found($"{each}s, of {of}", "1/s", isJudged ? RateOf(shape) : Target.None, rate, peer);
            if (peer > direct) yield return Found($"CPU per {each}, of {of}", "µs", isJudged ? CpuOf(shape) : Target.None, cpu, peer);
            if (shape.Kind == LoadKind.Paced && shape.Connections == Most && peer > direct) yield return Found($"memory, of {of}", "MB", isJudged ? new Target.AtMost(80) : Target.None, Quantity.Memory, peer);
        }

        switch (shape.Kind)
        {
            case LoadKind.Plain:
                yield return rounds.Judge(Group, $"{words}: p99 beyond the engine asked directly, of nginx", "ms", isMany ? new Target.RatioAtMost(2) : Target.None, row => Added(row, helix), row => Added(row, nginx));
                break;
            case LoadKind.Streamed:
                yield return Found("first chunk p50, of nginx", "ms", shape.IsSingle ? new Target.AtMost(0.3) : Target.None, Quantity.FirstP50, nginx);
                break;
            case LoadKind.Paced:
                yield return Found("gap between events p99, of nginx", "ms", shape.Connections == Most ? new Target.RatioAtMost(1.2) : Target.None, Quantity.GapP99, nginx);
                yield return Found("event from the engine to the client p99, of nginx", "ms", Target.None, Quantity.TransitP99, nginx);
                break;
        }

        Finding Found(string what, string unit, Target target, Quantity quantity, int peer) => rounds.Judge(Group, $"{words}: {what}", unit, target, helix, peer, (int)quantity);

        // a microsecond at least: whoever adds nothing is no measure
        static double Added(double[][] row, int contender) => Math.Max(0.001, row[contender][(int)Quantity.LatencyP99] - row[direct][(int)Quantity.LatencyP99]);
    }

    private static Target RateOf(LoadShape shape) => shape switch
    {
        { Kind: LoadKind.Plain, IsShort: true, IsSingle: false } => new Target.RatioAtLeast(0.7),
        { Kind: LoadKind.Streamed, IsShort: true, IsSingle: false } => new Target.RatioAtLeast(1),
        _ => Target.None,
    };

    private static Target CpuOf(LoadShape shape) => shape switch
    {
        { Kind: LoadKind.Plain, Prompt: LoadShape.Long } => new Target.RatioAtMost(2.4),
        { Kind: LoadKind.Plain, IsSingle: false } => new Target.RatioAtMost(1.6),
        { Kind: LoadKind.Paced, IsSingle: true } => new Target.RatioAtMost(1.6),
        { Kind: LoadKind.Paced, Connections: < Most } => new Target.RatioAtMost(1.4),
        _ => Target.None,
    };

    /// <param name="peer">Null for what helix itself is held to; of a peer only what happened is told.</param>
    private static IEnumerable<Finding> Count(FrontMeter meter, Contender own, Contender? peer, int rounds)
    {
        (string What, Func<Mishaps, long> Of)[] kinds =
        [
            ("answers with a wrong byte", mishaps => mishaps.Wrong), ("requests that were not answered", mishaps => mishaps.Failed),
            ("bodies that reached the engine altered", mishaps => mishaps.Changed), ("streams left by the client that the engine went on with", mishaps => mishaps.Lost),
        ];
        foreach (var (what, of) in kinds)
        {
            var mine = of(meter.Of(own));
            if (peer is null) yield return new Finding(Group, what, "", mine, null, null, "≤ 0", mine <= 0, rounds, 0);
            else if (of(meter.Of(peer)) is not 0 and var its) yield return new Finding(Group, $"{what}, of {peer.Name}", "", mine, its, null, "", null, rounds, 0);
        }
    }
}
