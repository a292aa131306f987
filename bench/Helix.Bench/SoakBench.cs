using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Helix.Bench.Measuring;
using Helix.Bench.Models;
using Helix.Bench.Peers;
using Helix.Bench.Wire;

namespace Helix.Bench;

/// <summary>Clients of every dialect ask for a long time, and a third of them are gone before they have their answers: what of that stays in the daemon and in its engine.</summary>
internal static class SoakBench
{
    /// <summary>More than the engine gets at once: some leave while they wait for a place.</summary>
    private const int Clients = 20;

    private const int LeavingOf = 3;
    private const int LongestPrompt = 200;
    private const int SamplesPerLine = 12;
    private const int LooksAtRest = 30;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_check = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

    /// <summary>Threads without work end after twenty seconds, and memory is given back after a few.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_longestStay = TimeSpan.FromMilliseconds(400);

    /// <summary>Where is asked, what is asked, and what stands in a whole answer only.</summary>
    private static readonly (string Path, Func<string, string, string> Body, string End)[] s_requests =
    [
        ("/v1/chat/completions", (model, words) => $$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{words}}"}],"max_tokens":24,"stream":true}""", "data: [DONE]"),
        ("/v1/chat/completions", (model, words) => $$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{words}}"}],"max_tokens":24}""", "finish_reason"),
        ("/v1/completions", (model, words) => $$"""{"model":"{{model}}","prompt":"{{words}}","max_tokens":24,"stream":true}""", "data: [DONE]"),
        ("/v1/embeddings", (model, words) => $$"""{"model":"{{model}}","input":"{{words}}"}""", "embedding"),
        // an answer that ends at its limit is called incomplete there
        ("/v1/responses", (model, words) => $$"""{"model":"{{model}}","input":"{{words}}","max_output_tokens":24,"stream":true}""", "response.incomplete"),
        ("/v1/messages", (model, words) => $$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{words}}"}],"max_tokens":24,"stream":true}""", "message_stop"),
        ("/api/chat", (model, words) => $$"""{"model":"{{model}}","options":{"num_predict":24},"messages":[{"role":"user","content":"{{words}}"}]}""", "\"done\":true"),
    ];

    public static IEnumerable<Finding> Run(Setting setting)
    {
        var home = HelixServer.NewHome(setting, RandomGguf.Get(setting.Models, Shape.All[0]));
        HelixServer.Configure(home, "memory_gb: 4", $"providers:\n  enabled: [builtin]\nbuiltin:\n  threads: 1\n  slots: {Engines.Slots}\n  context: {Engines.Context}\nperformance:\n  auto_optimize: false\n  predict_scaling: false\n");
        using var helix = HelixServer.Start(setting, home);
        var model = helix.WaitForModel(id => id.Contains("random", StringComparison.Ordinal));
        Load(helix, model, s_warmUp, isLeaving: false, () => Child.Pause(s_look));
        var placesBefore = MostAtOnce(helix, model);
        var before = Rest(helix);

        var length = TimeSpan.FromMinutes(Math.Max(1, setting.Minutes));
        var samples = new List<Sample>();
        var begun = Stopwatch.GetTimestamp();
        var ends = Load(helix, model, length, isLeaving: true, () =>
        {
            Child.Pause(s_look);
            samples.Add(new(Stopwatch.GetElapsedTime(begun), ProcFile.ResidentMegabytes(helix.DaemonPid), ProcFile.Threads(helix.DaemonPid), ProcFile.Descriptors(helix.DaemonPid).All));
            if (samples.Count % SamplesPerLine == 0) Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  soak: after {samples[^1].At.TotalMinutes:0.0} min: {samples[^1].Megabytes:0.0} MB, {samples[^1].Threads} threads, {samples[^1].Descriptors} descriptors"));
        });
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  soak: {ends.Answered} answered, {ends.Told} refused with 429 or 503, {ends.Left} left by their clients, {ends.Lost} lost"));
        var after = Rest(helix);
        var engine = Place.Unix(helix.EngineSocket(model));
        var under = helix.InFlight(model) + Metric.Of(engine, "helix_engine_requests_running") + Metric.Of(engine, "helix_engine_requests_waiting");
        var places = MostAtOnce(helix, model);

        Sample[] late = [.. samples.Where(sample => sample.At >= length / 3)];
        var slope = Series.Slope([.. late.Select(sample => (sample.At.TotalHours, sample.Megabytes))]);
        var growth = slope * (late[^1].At - late[0].At).TotalHours / late.Average(sample => sample.Megabytes) * 100;
        yield return Found("memory of the daemon: growth over the last two thirds, by the line through them", growth, "≤ 2", growth <= 2, "%");
        yield return Found("memory of the daemon: slope of that line", slope, "", null, "MB/h");
        yield return Found("memory of the daemon at rest, beyond before", after.Megabytes - before.Megabytes, "", null, "MB");
        yield return Found("threads of the daemon under load: the last third, beyond the one before", Threads(2) - Threads(1), "≤ 2", Threads(2) - Threads(1) <= 2);
        yield return Found("threads of the daemon at rest, beyond before", after.Threads - before.Threads, "≤ 1", after.Threads - before.Threads <= 1);
        yield return Found("open sockets of the daemon at rest, beyond before", after.Sockets - before.Sockets, "≤ 0", after.Sockets <= before.Sockets);
        yield return Found("open descriptors of the daemon at rest, beyond before", after.Descriptors - before.Descriptors, "", null);
        yield return Found("open sockets of the engine at rest, beyond before", after.EngineSockets - before.EngineSockets, "≤ 0", after.EngineSockets <= before.EngineSockets);
        yield return Found("open descriptors of the engine at rest, beyond before", after.EngineDescriptors - before.EngineDescriptors, "", null);
        yield return Found("requests under way at rest, at the gateway and in the engine's slots and queue", under, "≤ 0", under == 0);
        yield return Found("requests that the engine gets at once, fewer than before", placesBefore - places, "≤ 0", places >= placesBefore);
        yield return Found("requests neither answered, refused with 429 or 503, nor left", ends.Lost, "≤ 0", ends.Lost == 0);

        double Threads(int third) => Series.Median(samples.Where(sample => (int)Math.Min(2, sample.At / length * 3) == third).Select(sample => (double)sample.Threads));

        Finding Found(string what, double value, string target, bool? passed, string unit = "") => new("soak", what, unit, value, null, null, target, passed, samples.Count, 0);
    }

    /// <summary>A place that is never given back, or one that waits for ever and is not there any more, shows here: the engine gets fewer at once.</summary>
    private static int MostAtOnce(HelixServer helix, string model)
    {
        var most = 0;
        Load(helix, model, s_check, isLeaving: false, () =>
        {
            most = Math.Max(most, helix.InFlight(model));
            Child.Pause(TimeSpan.FromMilliseconds(20));
        });
        return most;
    }

    /// <summary>What is held while nobody asks: the least of a while, since what is on its way out may be seen still, and what is lost is seen always.</summary>
    private static Held Rest(HelixServer helix)
    {
        Child.Pause(s_rest);
        var looks = new List<Held>();
        while (looks.Count < LooksAtRest)
        {
            Child.Pause(TimeSpan.FromSeconds(1));
            var daemon = helix.DaemonPid;
            var (own, threads, megabytes) = (ProcFile.Descriptors(daemon), ProcFile.Threads(daemon), ProcFile.ResidentMegabytes(daemon));
            (int All, int Sockets)[] engines = [.. helix.Memory().Pids.Select(ProcFile.Descriptors)];
            looks.Add(new(megabytes, threads, own.All, own.Sockets, engines.Sum(each => each.All), engines.Sum(each => each.Sockets)));
        }

        return new(looks.Min(look => look.Megabytes), looks.Min(look => look.Threads), looks.Min(look => look.Descriptors), looks.Min(look => look.Sockets), looks.Min(look => look.EngineDescriptors), looks.Min(look => look.EngineSockets));
    }

    private static Ends Load(HelixServer helix, string model, TimeSpan length, bool isLeaving, Action meanwhile)
    {
        using var over = new CancellationTokenSource(length);
        var clients = Enumerable.Range(0, Clients).Select(number => Task.Factory.StartNew(() => Client(helix.Place, model, new Random(number), isLeaving, over.Token), TaskCreationOptions.LongRunning)).ToArray();
        while (!over.IsCancellationRequested) meanwhile();
        var all = Task.WhenAll(clients).GetAwaiter().GetResult();
        return new(all.Sum(end => end.Answered), all.Sum(end => end.Told), all.Sum(end => end.Left), all.Sum(end => end.Lost));
    }

    private static Ends Client(Place place, string model, Random random, bool isLeaving, CancellationToken over)
    {
        var (answered, told, left, lost) = (0, 0, 0, 0);
        HttpLink? link = null;
        while (!over.IsCancellationRequested)
        {
            var (path, body, end) = s_requests[random.Next(s_requests.Length)];
            var json = body(model, Words.Prompt(random.Next(4, LongestPrompt), random.Next()));
            try
            {
                link ??= new HttpLink(place);
                if (isLeaving && random.Next(LeavingOf) == 0)
                {
                    // one in four of them before it has asked at all
                    link.Leave(path, json, random.Next(4) == 0 ? random.NextDouble() : 1, s_longestStay * random.NextDouble(), isAbrupt: random.Next(2) == 0);
                    link = null;
                    left++;
                }
                else
                {
                    var answer = link.Post(path, json);
                    if (answer.Status == 200 && answer.Text.Contains(end, StringComparison.Ordinal)) answered++;
                    else if (answer.Status is 429 or 503) told++;
                    else Lose($"{answer.Status}: {answer.Text}");
                    if (answer.Status != 200)
                    {
                        // whoever refuses may close the connection after it
                        link.Dispose();
                        link = null;
                    }
                }
            }
            catch (Exception gone) when (gone is IOException or SocketException)
            {
                link?.Dispose();
                link = null;
                Lose(gone.Message);
            }

            Child.Pause(TimeSpan.FromMilliseconds(random.Next(50)));

            void Lose(string why)
            {
                lost++;
                Console.Error.WriteLine($"  soak: lost: {path}: {why[..Math.Min(why.Length, 300)]}");
            }
        }

        link?.Dispose();
        return new(answered, told, left, lost);
    }

    private sealed record Sample(TimeSpan At, double Megabytes, int Threads, int Descriptors);

    private sealed record Held(double Megabytes, int Threads, int Descriptors, int Sockets, int EngineDescriptors, int EngineSockets);

    /// <param name="Told">Refused with a status that says: not now.</param>
    /// <param name="Left">By their clients, before they were answered.</param>
    private sealed record Ends(int Answered, int Told, int Left, int Lost);
}
