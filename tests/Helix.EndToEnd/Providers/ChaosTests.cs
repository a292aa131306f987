using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Mirrors.Products;

namespace Helix.EndToEnd.Providers;

/// <summary>Eight engines, of which two are real, under constant load, and something goes wrong with one or the other all the time.</summary>
public sealed class ChaosTests(ChaosTests.Fleet fleet) : IClassFixture<ChaosTests.Fleet>
{
    private const int ClientsEach = 2;
    private const int Abort = 6, Stop = 19;

    /// <summary>Of clients' requests, that must be answered in full. In the short form the same faults come in seconds, and few requests beside them.</summary>
    private static double LeastAvailability => Ring.IsLong ? 0.999 : 0.995;

    private static readonly TimeSpan s_found = TimeSpan.FromSeconds(120);

    /// <summary>Bytes that the model is damaged in, from its begin.</summary>
    private const int Damaged = 64;

    /// <summary>What goes wrong, and what it must be told as; no words: nothing goes down by it.</summary>
    private static readonly (string Name, string[] Codes)[] s_ofStandIns =
    [
        ("crash", ["ended"]), ("kill", ["killed"]), ("gpu lost", ["gpu_lost"]), ("error inside a 200", []), ("memory refused", ["memory_refused"]), ("disk full", ["disk_full"]), ("port taken", ["port_taken"]), ("5xx", []), ("slow", []),
        ("leak", ["memory_killed", "memory_refused"]), ("deaf kill", ["killed"]), ("half a stream", []), ("kill with children", ["killed"]), ("hang", ["silent"]), ("wedge", ["wedged"]),
    ];

    private static readonly (string Name, string[] Codes)[] s_ofBuiltin = [("crash", ["crashed"]), ("kill", ["killed"]), ("hang", ["silent"])];

    /// <summary>Of a model that can be had again.</summary>
    private static readonly (string Name, string[] Codes)[] s_ofAdded = [.. s_ofBuiltin, ("model damaged", ["model_broken"])];

    /// <summary>Those whose limit of memory is low enough to be reached on a small machine.</summary>
    private static readonly string[] s_small = ["localai", "koboldai", "mistralrs", "mlx"];

    /// <summary>One at a time: each takes some GB.</summary>
    private static readonly SemaphoreSlim s_leaking = new(1);

    private readonly ConcurrentQueue<string> _lost = new();
    private readonly ConcurrentQueue<string> _brought = new();
    private long _answered;

    [Fact]
    public async Task Everything_is_mended_and_told_by_its_true_cause_while_clients_ask()
    {
        var minutes = double.TryParse(Environment.GetEnvironmentVariable("HELIX_CHAOS_MINUTES"), CultureInfo.InvariantCulture, out var given) ? given : Ring.IsLong ? 6 : 0.3;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HELIX_TEST_SEED"), CultureInfo.InvariantCulture, out var chosen) ? chosen : Environment.TickCount;
        Ring.Say($"seed {seed} (HELIX_TEST_SEED), {minutes} minutes (HELIX_CHAOS_MINUTES)");
        foreach (var (id, model) in Fleet.Engines) await fleet.ServesAsync(id, model);
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. Fleet.Engines.SelectMany((engine, lane) => Enumerable.Range(0, ClientsEach).Select(number => AskOnAndOnAsync(engine.Id, engine.Model, number % 2 == 0, stop.Token)))];
        var begun = TimeProvider.System.GetTimestamp();

        var untold = await Task.WhenAll(Fleet.Engines.Select((engine, lane) => LaneAsync(engine.Id, engine.Model, new Random(seed + lane), () => TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(minutes))));
        foreach (var (id, model) in Fleet.Engines) await fleet.ServesAsync(id, model);
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        var recovered = (await EventsAsync("kind=healing")).Where(each => (string?)each["what"] == "recovered")
            .Select(each => (Seconds: (double)each["data"]!["seconds"]!, Start: (double?)each["data"]!["start_seconds"] ?? 0)).Select(each => each.Seconds - each.Start).Order().ToArray();
        var availability = (double)_answered / (_answered + _lost.Count);
        Ring.Say($"{_brought.Count} faults: {string.Join(", ", _brought.GroupBy(fault => fault).Select(fault => $"{fault.Count()} {fault.Key}"))}");
        Ring.Say(string.Create(CultureInfo.InvariantCulture, $"{_answered} requests answered, {_lost.Count} not: {availability * 100:0.0000} %"));
        Ring.Say(string.Create(CultureInfo.InvariantCulture, $"{recovered.Length} recoveries, beyond the engine's own start: half within {recovered[recovered.Length / 2]:0.000} s, the longest {recovered[^1]:0.000} s"));
        foreach (var lost in _lost.Take(20)) Ring.Say(lost);

        Assert.True(untold.All(each => each.Count == 0), string.Join("\n\n", untold.SelectMany(each => each)));
        Assert.True(availability >= LeastAvailability, $"{availability}: {string.Join('\n', _lost.Take(5))}");
        Assert.True(recovered[recovered.Length / 2] <= 2, $"{recovered[recovered.Length / 2]} s");
        // as many went down as were brought down: nothing that worked was ended
        var down = (await EventsAsync("kind=state")).Where(each => (string?)each["what"] == "recovering" && (string?)each["data"]!["from"] is "ready" or "degraded").ToArray();
        var harmless = s_ofStandIns.Where(fault => fault.Codes.Length == 0).Select(fault => fault.Name).ToHashSet();
        Assert.True(down.Length <= _brought.Count(fault => !harmless.Contains(fault)), string.Join('\n', down.Select(each => each.ToJsonString())));
        // children die with whoever started them: each that lives has a parent that lives
        Assert.DoesNotContain(fleet.Home.Alive, process => process.CommandLine.Contains("--as child", StringComparison.Ordinal) && ParentOf(process.Pid) == fleet.Home.Keeper.Pid);
        (await fleet.Home.HelixAsync("models", "list")).Succeeded();
        (await fleet.Home.HelixAsync("config", "validate")).Succeeded();
        (await fleet.Home.HelixAsync("stop")).Succeeded();
        await Eventually.TrueAsync(() => fleet.Home.Alive.Count == 0, "no process is left", () => string.Join('\n', fleet.Home.Alive));
    }

    /// <returns>What was not told by its true cause.</returns>
    private async Task<IReadOnlyList<string>> LaneAsync(string id, string model, Random random, Func<bool> goesOn)
    {
        var untold = new List<string>();
        var faults = id != "builtin" ? [.. s_ofStandIns.Where(fault => fault.Name != "leak" || s_small.Contains(id))] : model == ProviderHome.Gguf ? s_ofBuiltin : s_ofAdded;
        // one that hangs takes a minute to be told from one that works
        if (!Ring.IsLong) faults = [.. faults.Where(fault => fault.Name is not ("hang" or "wedge"))];
        for (var round = random.Next(faults.Length); goesOn(); round++)
        {
            var (name, codes) = faults[round % faults.Length];
            var leaks = name == "leak";
            if (leaks) await s_leaking.WaitAsync();
            var subject = $"{id}-{model}";
            var before = (await EventsAsync($"provider={id}")).Select(each => (long)each["id"]!).DefaultIfEmpty(0).Max();
            await BringAsync(name, id, model);
            _brought.Enqueue(name);
            if (codes.Length == 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
                File.Delete(KnobsOf(id));
            }
            else
            {
                var told = "";
                try
                {
                    await Eventually.TrueAsync(
                        async () =>
                        {
                            var since = (await EventsAsync($"provider={id}")).Where(each => (long)each["id"]! > before && (string?)each["subject"] == subject).ToArray();
                            told = string.Join('\n', since.Select(each => $"{each["kind"]} {each["what"]} {each["words"]}"));
                            if (!since.Any(each => (string?)each["kind"] == "healing" && codes.Contains((string?)each["what"])) && !(name == "model damaged" && await IsReplacedAsync(model, before))) return false;
                            // what made it go wrong is over, or the next one would go wrong as well
                            File.Delete(KnobsOf(id));
                            return since.Any(each => (string?)each["what"] == "ready");
                        },
                        $"{subject} is told as {string.Join(" or ", codes)} and is back after: {name}", () => told, s_found);
                }
                catch (Xunit.Sdk.FailException late)
                {
                    untold.Add(late.Message);
                }

                File.Delete(KnobsOf(id));
                await fleet.ServesAsync(id, model);
            }

            if (leaks) s_leaking.Release();
            // the long form lasts: no engine has a machine under it that fails every other second
            await Task.Delay(TimeSpan.FromMilliseconds(Ring.IsLong ? 5000 + random.Next(20_000) : 500 + random.Next(1500)), TimeProvider.System);
        }

        return untold;
    }

    /// <summary>The library may have seen the damage before the engine did.</summary>
    private async Task<bool> IsReplacedAsync(string model, long before) =>
        (await EventsAsync("kind=healing")).Any(each => (long)each["id"]! > before && (string?)each["what"] == "model_replaced" && (string?)each["subject"] == model);

    private async Task BringAsync(string fault, string id, string model)
    {
        switch (fault)
        {
            // a signal from outside does not crash what is the first process of its sandbox
            case "crash" when id != "builtin": await SetAsync(id, """{"die_saying": "terminate called after throwing an instance of 'std::runtime_error'"}"""); break;
            case "crash": await SignalAsync(id, model, Abort); break;
            case "kill": await SignalAsync(id, model, Processes.Kill); break;
            case "hang": await SignalAsync(id, model, Stop); break;
            case "deaf kill":
                await SetAsync(id, """{"ignore_sigterm": 1}""");
                await SignalAsync(id, model, Processes.Kill);
                break;
            case "slow": await SetAsync(id, """{"slow_tokens_ms": 60}"""); break;
            case "wedge": await SetAsync(id, """{"wedge": 1}"""); break;
            case "gpu lost": await SetAsync(id, """{"die_saying": "CUDA error: no CUDA-capable device is detected"}"""); break;
            case "memory refused": await SetAsync(id, """{"die_saying": "torch.OutOfMemoryError: CUDA out of memory"}"""); break;
            case "disk full": await SetAsync(id, """{"die_saying": "OSError: [Errno 28] No space left on device"}"""); break;
            case "error inside a 200": await SetAsync(id, """{"answer_garbage": 1, "once": 1}"""); break;
            case "5xx": await SetAsync(id, """{"fail_status": 500, "once": 1}"""); break;
            case "half a stream": await SetAsync(id, """{"half_stream": 1, "once": 1}"""); break;
            // far beyond its limit
            case "leak": await SetAsync(id, """{"leak_mb": 9000, "once": 1}"""); break;
            case "kill with children":
                await SetAsync(id, """{"fork_children": 3}""");
                await SignalAsync(id, model, Processes.Kill);
                break;
            case "model damaged":
                await DamageAsync(model);
                await SignalAsync(id, model, Processes.Kill);
                break;
            case "port taken": await SetAsync(id, """{"die_saying": "[Errno 98] address already in use"}"""); break;
        }
    }

    /// <summary>As a bad disk does. Whoever has the file open goes on with the one that was there.</summary>
    private async Task DamageAsync(string model)
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(fleet.Home.Folder, model + ".gguf"));
        var path = Path.Combine(fleet.Home.Models, "blobs", "sha256-" + Convert.ToHexStringLower(SHA256.HashData(bytes)));
        Assert.True(File.Exists(path), path);
        Array.Clear(bytes, 0, Damaged);
        await File.WriteAllBytesAsync(path + ".new", bytes);
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>0 where it has ended meanwhile.</summary>
    private static int ParentOf(int pid)
    {
        try
        {
            return int.Parse(File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))["PPid:".Length..], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private async Task SignalAsync(string id, string model, int signal)
    {
        var outer = id == "builtin"
            ? fleet.Home.Alive.First(process => process.CommandLine.Contains($"--alias {model} ", StringComparison.Ordinal)).Pid
            : (int)(await fleet.ProviderAsync(id))["pid"]!;
        _ = Processes.Signal(ProviderHome.EngineOf(outer), signal);
    }

    private string KnobsOf(string id) => Path.Combine(fleet.Home.LocalLlm, "providers", id, "data", "standin.json");

    private async Task SetAsync(string id, string knobs)
    {
        await File.WriteAllTextAsync(KnobsOf(id) + ".new", knobs);
        File.Move(KnobsOf(id) + ".new", KnobsOf(id), overwrite: true);
    }

    private async Task AskOnAndOnAsync(string id, string model, bool stream, CancellationToken stop)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = fleet.Home.Gateway.Address, Timeout = TimeSpan.FromMinutes(3) };
        var body = $$"""{"model":"{{id}}/{{model}}","stream":{{(stream ? "true" : "false")}},"max_tokens":8,"messages":[{"role":"user","content":"ping"}]}""";
        while (!stop.IsCancellationRequested)
        {
            if (await FailureAsync(client, body, stream) is not { } why) Interlocked.Increment(ref _answered);
            else _lost.Enqueue($"{id}: {why}");
        }
    }

    /// <returns>Null where the answer came whole.</returns>
    private static async Task<string?> FailureAsync(HttpClient client, string body, bool stream)
    {
        try
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, CancellationToken.None);
            var text = await response.Content.ReadAsStringAsync(CancellationToken.None);
            if (response.StatusCode != HttpStatusCode.OK) return $"{(int)response.StatusCode} {text}";
            return stream ? text.TrimEnd().EndsWith("data: [DONE]", StringComparison.Ordinal) ? null : $"cut short: …{text[^Math.Min(200, text.Length)..]}"
                : JsonNode.Parse(text)!["choices"] is JsonArray { Count: 1 } ? null : text;
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or System.Text.Json.JsonException or TaskCanceledException)
        {
            return broken.Message;
        }
    }

    private async Task<JsonNode[]> EventsAsync(string query) => [.. (await fleet.Home.Api.GetAsync($"/helix/v1/history?{query}&limit=10000")).Is(200).Json["events"]!.AsArray().OfType<JsonNode>()];

    public sealed class Fleet : ProviderHome
    {
        /// <summary>Two of the built-in engine, the others are stand-ins.</summary>
        public static (string Id, string Model)[] Engines { get; } =
            [("builtin", Gguf), ("builtin", "other"), ("localai", Gguf), ("koboldai", Gguf), ("mistralrs", Gguf), ("textgen", Gguf), ("mlx", Mlx), ("vllm", Safetensors)];

        private static string[] StandIns { get; } = [.. Engines.Select(engine => engine.Id).Where(id => id != "builtin")];

        protected override string Settings => $"auto_manager:\n  auto_update: false\nproviders:\n  enabled: [builtin, {string.Join(", ", StandIns)}]\n";

        protected override async Task PublishAsync()
        {
            foreach (var id in StandIns) await Mirror.PublishAsync(Payloads.For(id, ReleaseOf(id)));
        }

        protected override async Task StartedAsync()
        {
            await base.StartedAsync();
            (await Home.HelixAsync("models", "add", ModelFile.Write(Home.Folder, "other", "These are the words of another."))).Succeeded();
            foreach (var id in StandIns) await ReleaseIsAsync(id, ReleaseOf(id));
        }
    }
}
