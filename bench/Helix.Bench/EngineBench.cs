using System.Diagnostics;
using System.Globalization;
using Helix.Bench.Measuring;
using Helix.Bench.Models;
using Helix.Bench.Peers;
using Helix.Bench.Wire;

namespace Helix.Bench;

/// <summary>
/// The built-in engine against llama.cpp's own programs on the same libraries, one thread each. What helix does in a second is counted by a client on its
/// socket: HTTP, JSON, sampling and text are in it. llama-bench counts decoding alone.
/// </summary>
internal static class EngineBench
{
    private const int PromptTokens = 512;
    private const int NewTokens = 64;

    public static IEnumerable<Finding> Run(Setting setting)
    {
        foreach (var shape in Shape.All)
        {
            var model = RandomGguf.Get(setting.Models, shape);
            foreach (var finding in Measure(setting, shape, model)) yield return finding;
        }
    }

    private static IEnumerable<Finding> Measure(Setting setting, Shape shape, string model)
    {
        using var helix = Engines.Helix(setting, model);
        using var server = Engines.LlamaServer(setting, model);
        var bench = new LlamaBench(setting.Peers);
        var seed = 0;
        foreach (var engine in (Engines[])[helix, server]) Complete(engine, PromptTokens - 1, -1, 8);
        var rounds = new Rounds(setting.Rounds).Take(
            [helix.Pid, server.Pid],
            () => [.. One(helix), StepRate(helix)],
            () => LlamaBench(),
            () => One(server),
            () => Four(helix),
            () => Four(server));
        var share = shape.Judged ? new Target.RatioAtLeast(0.95) : Target.None;
        var name = shape.FileName;
        yield return rounds.Judge("engine", $"{name}: decode, of llama-bench", "tok/s", share, 0, 1, 0);
        yield return rounds.Judge("engine", $"{name}: prefill of {PromptTokens}, of llama-bench", "tok/s", share, 0, 1, 1);
        yield return rounds.Judge("engine", $"{name}: decode by helix's own clock, around llama.cpp's step", "tok/s", Target.None, 0, quantity: 2);
        yield return rounds.Judge("engine", $"{name}: decode, of llama-server", "tok/s", Target.None, 0, 2, 0);
        yield return rounds.Judge("engine", $"{name}: prefill of {PromptTokens}, of llama-server", "tok/s", Target.None, 0, 2, 1);
        yield return rounds.Judge("engine", $"{name}: 4 streams in total, of llama-server", "tok/s", share, 3, 4);

        double[] One(Engines engine)
        {
            var decode = Complete(engine, 1, ++seed, NewTokens).DecodeRate;
            var prefill = Complete(engine, PromptTokens - 1, ++seed, 1);
            return prefill.PromptTokens == PromptTokens
                ? [decode, prefill.PrefillRate]
                : throw new IOException($"The prompt of {PromptTokens} tokens was taken for {prefill.PromptTokens}.");
        }

        double StepRate(Engines engine)
        {
            var (steps, seconds) = Steps(engine);
            Complete(engine, 1, ++seed, NewTokens);
            var (stepsAfter, secondsAfter) = Steps(engine);
            return (stepsAfter - steps) / (secondsAfter - seconds);
        }

        double[] LlamaBench()
        {
            var (prefill, decode) = bench.Run(model, PromptTokens, NewTokens);
            return [decode, prefill];
        }

        double[] Four(Engines engine) => [Parallel(engine, Engines.Slots, seed += Engines.Slots)];
    }

    /// <summary>How many steps helix has computed, and how long they took, of its own metrics.</summary>
    private static (double Count, double Seconds) Steps(Engines engine)
    {
        using var link = new HttpLink(engine.Place);
        var lines = link.Get("/metrics").Text.Split('\n');
        return (Value("count"), Value("sum"));

        double Value(string kind) =>
            double.Parse(lines.Single(line => line.StartsWith($"helix_engine_step_seconds_{kind} ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Tokens a second of all streams together, from the first request to the last event.</summary>
    private static double Parallel(Engines engine, int streams, int seed)
    {
        using var go = new Barrier(streams);
        var answers = Task.WhenAll(Enumerable.Range(seed, streams).Select(own => Task.Factory.StartNew(
            () =>
            {
                using var link = new HttpLink(engine.Place);
                go.SignalAndWait();
                var begun = Stopwatch.GetTimestamp();
                return (begun, Stream: Chat.Complete(link, "bench", Words.Prompt(16, own), NewTokens), ended: Stopwatch.GetTimestamp());
            },
            TaskCreationOptions.LongRunning))).GetAwaiter().GetResult();
        return answers.Sum(answer => answer.Stream.Tokens) / Stopwatch.GetElapsedTime(answers.Min(answer => answer.begun), answers.Max(answer => answer.ended)).TotalSeconds;
    }

    private static TokenStream Complete(Engines engine, int promptTokens, int seed, int tokens)
    {
        // a connection of its own: llama-server closes it after a stream
        using var link = new HttpLink(engine.Place);
        return Chat.Complete(link, "bench", Words.Prompt(promptTokens, seed), tokens);
    }
}
