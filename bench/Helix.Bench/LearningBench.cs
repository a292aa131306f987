using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Helix.Bench.Measuring;
using Helix.Bench.Peers;
using Helix.Bench.Wire;
using Helix.Core.Models;

namespace Helix.Bench;

/// <summary>Three engines of which one is the fastest, and then another: what it costs that helix has to find out.</summary>
internal static class LearningBench
{
    private const string Model = "paced";
    private const int Words = 16;
    private const int Requests = 80;

    /// <summary>Requests after a change in which helix may find out.</summary>
    private const int Notice = 20;

    /// <summary>Requests that tell how fast an engine is.</summary>
    private const int Alone = 5;

    private const string Launch = """[--host, "{socket}", --model, "{model}", --alias, "{model_id}", --ctx-size, "{context_total}", --parallel, "{slots}"]""";

    private static readonly string[] s_engines = ["first", "second", "third"];

    /// <summary>Milliseconds between two tokens, by engine, until the next change.</summary>
    private static readonly int[][] s_paces = [[4, 10, 16], [16, 4, 10], [10, 16, 4], [4, 16, 10]];

    public static IEnumerable<Finding> Run(Setting setting)
    {
        var home = HelixServer.NewHome(setting);
        File.WriteAllBytes(Path.Combine(home, "local-llm", "models", Model + ".gguf"), ScriptedGguf.Make("ready", Model));
        HelixServer.Configure(home, "memory_gb: 4", $"providers:\n  enabled: [{string.Join(", ", s_engines)}]\nauto_manager:\n  auto_monitor: false\nperformance:\n  auto_optimize: false\n  predict_scaling: false\n");
        foreach (var id in s_engines) OwnProvider.Add(home, id, Launch, 60, $"DOTNET_TieredCompilation=1 exec '{Setting.StandIn}' --as llamacpp --standin-version 1.0 \"$@\"");
        using var helix = HelixServer.Start(setting, home);
        helix.WaitForModel(id => id == Model);
        foreach (var id in s_engines) Child.Run(setting.Helix, ["local-llm", "start", id], HelixServer.Environment(home));
        Place[] engines = [.. helix.EngineSockets(Model).Select(Place.Unix)];
        if (engines.Length != s_engines.Length) throw new IOException($"{engines.Length} of {s_engines.Length} engines serve {Model}.");

        var (taken, byEngine, shares) = (new List<double>(), new List<double[]>(), new List<double>());
        foreach (var (change, paces) in s_paces.Index())
        {
            foreach (var (id, pace) in s_engines.Zip(paces)) Pace(home, id, pace);
            byEngine.Add([.. engines.Select(engine => Enumerable.Range(0, Alone).Average(_ => Ask(engine).Milliseconds))]);
            (double Milliseconds, string? Engine)[] answers = [.. Enumerable.Range(0, Requests).Select(_ => Ask(helix.Place))];
            taken.Add(answers.Average(answer => answer.Milliseconds));
            var best = s_engines[Array.IndexOf(paces, paces.Min())];
            shares.Add(answers.Skip(Notice).Count(answer => answer.Engine == best) / (double)(Requests - Notice));
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  learning: change {change}: {taken[^1]:0} ms by helix, by engine {string.Join(", ", byEngine[^1].Select(each => each.ToString("0", CultureInfo.InvariantCulture)))}; {string.Concat(answers.Take(40).Select(answer => Array.IndexOf(s_engines, answer.Engine)))} then {shares[^1]:0.00} to the best"));
        }

        var (mine, @fixed, always) = (taken.Average(), Enumerable.Range(0, engines.Length).Min(engine => byEngine.Average(row => row[engine])), byEngine.Average(row => row.Min()));
        yield return new Finding("learning", "time of an answer, of the best fixed choice", "ms", mine, @fixed, mine / @fixed, "≤ 1.05 ×", mine <= 1.05 * @fixed, s_paces.Length, 0);
        yield return new Finding("learning", "time of an answer, of always the fastest engine", "ms", mine, always, mine / always, "", null, s_paces.Length, 0);
        yield return new Finding("learning", $"requests to the fastest, from the {Notice}th after a change on, the least", "", shares.Min(), null, null, "≥ 0.80", shares.Min() >= 0.8, s_paces.Length, 0);
    }

    /// <summary>A stand-in reads its knobs at each request.</summary>
    private static void Pace(string home, string id, int milliseconds)
    {
        var file = Path.Combine(home, "local-llm", "providers", id, "data", "standin.json");
        File.WriteAllText(file + ".new", new JsonObject { ["answer"] = string.Join(' ', Enumerable.Repeat("word", Words)), ["slow_tokens_ms"] = milliseconds }.ToJsonString());
        File.Move(file + ".new", file, overwrite: true);
    }

    private static (double Milliseconds, string? Engine) Ask(Place place)
    {
        using var link = new HttpLink(place);
        var begun = Stopwatch.GetTimestamp();
        var answer = Chat.Talk(link, Model, Words);
        return (Stopwatch.GetElapsedTime(begun).TotalMilliseconds, answer.Header("x-helix-provider"));
    }
}
