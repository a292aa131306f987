using System.Diagnostics;
using System.Globalization;
using Helix.Bench.Measuring;
using Helix.Bench.Models;
using Helix.Bench.Peers;
using Helix.Bench.Wire;

namespace Helix.Bench;

/// <summary>
/// Conversations with shared beginnings at four built-in engines: what it is worth that helix sends a prompt where much of it was read before, and that
/// this leaves no engine with more than it can bear.
/// </summary>
internal static class PrefixBench
{
    private const int MostRounds = 3;
    private const int Clients = 12;
    private const int Conversations = 24;
    private const int Beginnings = 8;
    private const int AnswerTokens = 24;
    private const int QuestionTokens = 64;
    private const int PromptTokens = 1024;
    private const int Seed = 5;

    /// <summary>Of all cores, that would compute if every prompt were read anew: about half of the engines are busy then.</summary>
    private const double Busy = 0.7;

    private const string Launch = """[engine, --model, "{model}", --socket, "{socket}", --alias, "{model_id}", --slots, "{slots}", --context, "{context}", --threads, "1"]""";

    private static readonly string[] s_engines = ["engine1", "engine2", "engine3", "engine4"];
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(10);

    public static IEnumerable<Finding> Run(Setting setting)
    {
        using var helix = Start(setting);
        var model = helix.WaitForModel(id => id.Contains("random", StringComparison.Ordinal));
        foreach (var id in s_engines) Child.Run(setting.Helix, ["local-llm", "start", id], HelixServer.Environment(helix.Home));
        Place[] engines = [.. helix.EngineSockets(model).Select(Place.Unix)];
        if (engines.Length != s_engines.Length) throw new IOException($"{engines.Length} of {s_engines.Length} engines serve {model}.");

        var (prefill, decode) = Alone(engines[0], model);
        yield return new Finding("prefix", $"{Shape.All[0].FileName}: {PromptTokens} tokens of a prompt read anew", "ms", prefill.TotalMilliseconds, null, null, "≥ 50", prefill.TotalMilliseconds >= 50, MostRounds, 0);

        var turn = prefill + decode;
        var thought = Clients * turn / (Busy * Math.Min(engines.Length, Environment.ProcessorCount)) - turn;
        if (thought < TimeSpan.Zero) thought = TimeSpan.Zero;
        var talks = Talk.Some(Conversations, Beginnings, Seed);
        var pids = helix.Memory().Pids;
        var run = 0;
        // of an engine that answered nobody yet helix knows nothing
        Converse(Routed(), model, talks[..Clients], Mark(run++), thought / 4);

        var rounds = new Rounds(Math.Min(setting.Rounds, MostRounds), patience: 0).Take(
            helix.Pids,
            () => Measure("helix", () => Converse(Routed(), model, talks, Mark(run++), thought)),
            () => Measure("round robin", () => Converse(new Front(engines, byConnections: false), model, talks, Mark(run++), thought)),
            () => Measure("least connections", () => Converse(new Front(engines, byConnections: true), model, talks, Mark(run++), thought)),
            () => Measure("one beginning, helix", () => Repeat(Routed(), model, Mark(run++))),
            () => Measure("one beginning, least connections", () => Repeat(new Front(engines, byConnections: true), model, Mark(run++))));
        yield return rounds.Judge("prefix", "time to first token p90, of round robin", "ms", new Target.RatioAtMost(0.5), 0, 1);
        yield return rounds.Judge("prefix", "time to first token p90, of least connections", "ms", new Target.RatioAtMost(0.5), 0, 2);
        yield return rounds.Judge("prefix", "answers, of round robin", "1/s", new Target.RatioAtLeast(1), 0, 1, 1);
        yield return rounds.Judge("prefix", "answers, of least connections", "1/s", new Target.RatioAtLeast(1), 0, 2, 1);
        yield return rounds.Judge("prefix", "the engine that got most, of an equal share", "", new Target.AtMost(1.5), 0, quantity: 2);
        yield return rounds.Judge("prefix", "cores that the engines used, of round robin", "", Target.None, 0, 1, 3);
        yield return rounds.Judge("prefix", "cores that the engines used, of least connections", "", Target.None, 0, 2, 3);
        yield return rounds.Judge("prefix", "one beginning for all: answers, of least connections", "1/s", new Target.RatioAtLeast(0.95), 3, 4, 1);
        yield return rounds.Judge("prefix", "one beginning for all: the engine that got most, of an equal share", "", new Target.AtMost(1.5), 3, quantity: 2);

        Front Routed() => new([helix.Place], byConnections: false);

        double[] Measure(string who, Func<double[]> load)
        {
            var (written, used, begun) = (Written(), CpuClock.Of(pids), Stopwatch.GetTimestamp());
            var firsts = load();
            var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            var cores = (CpuClock.Of(pids) - used).TotalSeconds / seconds;
            double[] shares = [.. Written().Zip(written, (after, before) => after - before)];
            var (late, most) = (Series.Percentile(firsts, 0.9), shares.Max() / shares.Average());
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  prefix: {who}: {firsts.Length} answers in {seconds:0} s, first token p50 {Series.Median(firsts):0} ms, p90 {late:0} ms, {cores:0.00} cores, shares {string.Join(" ", shares.Select(share => (share / shares.Sum()).ToString("0.00", CultureInfo.InvariantCulture)))}"));
            return [late, firsts.Length / seconds, most, cores];
        }

        // all answers are of one length, so that their tokens stand for requests
        double[] Written() => [.. engines.Select(engine => Metric.Of(engine, "helix_engine_completion_tokens_total"))];
    }

    /// <summary>Four providers of the user's own, each of which is the built-in engine; nothing else is to be done while they are measured.</summary>
    private static HelixServer Start(Setting setting)
    {
        var home = HelixServer.NewHome(setting, RandomGguf.Get(setting.Models, Shape.All[0]));
        HelixServer.Configure(home, "memory_gb: 4", $"providers:\n  enabled: [{string.Join(", ", s_engines)}]\nbuiltin:\n  threads: 1\n  slots: {Engines.Slots}\n  context: {Engines.Context}\nauto_manager:\n  auto_monitor: false\nperformance:\n  auto_optimize: false\n  predict_scaling: false\n");
        foreach (var id in s_engines) OwnProvider.Add(home, id, Launch, 150, $"exec '{setting.Helix}' \"$@\" --libraries '{setting.Libraries}'");
        return HelixServer.Start(setting, home);
    }

    /// <summary>How long an engine that has nothing else to do takes for a prompt of which it knows nothing, and for the answer.</summary>
    private static (TimeSpan Prefill, TimeSpan Decode) Alone(Place engine, string model)
    {
        using var link = new HttpLink(engine);
        TokenStream[] answers = [.. Enumerable.Range(0, MostRounds).Select(number => Chat.Complete(link, model, Words.Prompt(PromptTokens - 1, Seed + number), AnswerTokens))];
        return (
            TimeSpan.FromMilliseconds(Series.Median(answers.Select(answer => answer.FirstToken.TotalMilliseconds))),
            TimeSpan.FromMilliseconds(Series.Median(answers.Select(answer => (answer.Last - answer.FirstToken).TotalMilliseconds))));
    }

    /// <returns>Milliseconds until the first token of each answer.</returns>
    private static double[] Converse(Front front, string model, Talk[] talks, string mark, TimeSpan thought) =>
        Together(number => talks.Where((_, at) => at % Clients == number).SelectMany(talk => Turns(front, model, talk, mark, thought)));

    /// <summary>For a while, as fast as they are answered: all begin alike, and each ends otherwise.</summary>
    private static double[] Repeat(Front front, string model, string mark)
    {
        var (beginning, begun) = ($"{mark} {Words.Prompt(PromptTokens, Seed)}", Stopwatch.GetTimestamp());
        return Together(number => Enumerable.Range(0, int.MaxValue).TakeWhile(_ => Stopwatch.GetElapsedTime(begun) < s_length).Select(turn => front.Ask(link =>
            Chat.Converse(link, model, [("system", beginning), ("user", Words.Prompt(QuestionTokens, (number << 16) + turn))], AnswerTokens)).FirstToken.TotalMilliseconds));
    }

    private static double[] Together(Func<int, IEnumerable<double>> client) =>
        [.. Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Task.Factory.StartNew(() => client(number).ToArray(), TaskCreationOptions.LongRunning))).GetAwaiter().GetResult().SelectMany(each => each)];

    private static IEnumerable<double> Turns(Front front, string model, Talk talk, string mark, TimeSpan thought)
    {
        var said = new List<(string Role, string Content)> { ("system", $"{mark} {talk.Beginning}") };
        foreach (var (question, share) in talk.Turns)
        {
            Child.Pause(thought * share);
            said.Add(("user", question));
            var answer = front.Ask(link => Chat.Converse(link, model, said, AnswerTokens));
            said.Add(("assistant", answer.Said));
            yield return answer.FirstToken.TotalMilliseconds;
        }
    }

    /// <summary>The first word of all prompts of a run: nothing of them is of use to the next.</summary>
    private static string Mark(int run) => new([(char)('a' + (run / 676 % 26)), (char)('a' + (run / 26 % 26)), (char)('a' + (run % 26))]);
}
