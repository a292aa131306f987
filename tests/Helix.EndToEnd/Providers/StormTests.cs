using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Mirrors.Products;

namespace Helix.EndToEnd.Providers;

/// <summary>Four stand-ins serve one model for 64 clients, and every two seconds one of them is killed.</summary>
public sealed class StormTests(StormTests.Fleet fleet) : IClassFixture<StormTests.Fleet>
{
    private const int Clients = 64;
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(2);
    private static readonly string s_words = string.Join(' ', Enumerable.Range(1, 60).Select(number => $"word{number}"));

    private readonly ConcurrentQueue<string> _lost = new();
    private int _whole;
    private int _streams;
    private int _continued;

    [Fact]
    public async Task No_request_is_lost_and_each_stream_that_goes_on_elsewhere_reads_as_if_nothing_had_happened()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HELIX_TEST_SEED"), out var chosen) ? chosen : Environment.TickCount;
        Ring.Say($"seed {seed} (HELIX_TEST_SEED)");
        var random = new Random(seed);
        foreach (var id in Fleet.Engines)
        {
            await fleet.ServesAsync(id, ProviderHome.Gguf); // its data folder comes with its first start
            await File.WriteAllTextAsync(Path.Combine(fleet.Home.LocalLlm, "providers", id, "data", "standin.json"), new JsonObject { ["answer"] = s_words, ["slow_tokens_ms"] = 10 }.ToJsonString());
        }

        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients).Select(number => AskOnAndOnAsync(number % 2 == 0, stop.Token)).ToArray();
        var (begun, kills) = (Stopwatch.GetTimestamp(), 0);
        while (Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(Ring.IsLong ? 120 : 12))
        {
            await Task.Delay(s_between, TimeProvider.System);
            if (await KilledAsync(Fleet.Engines[random.Next(Fleet.Engines.Length)])) kills++;
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Ring.Say($"{kills} kills; {_whole} whole answers, {_streams} streams of which {_continued} went on elsewhere, {_lost.Count} lost");
        Assert.True(_lost.IsEmpty, string.Join('\n', _lost.Take(5)));
        Assert.True(_continued > 0, "no stream was hit");
    }

    private async Task<bool> KilledAsync(string id)
    {
        try
        {
            return (int?)(await fleet.ProviderAsync(id))["pid"] is { } pid && Processes.Signal(ProviderHome.EngineOf(pid), Processes.Kill) == 0;
        }
        catch (IOException)
        {
            return false; // it is being started at this moment
        }
    }

    private async Task AskOnAndOnAsync(bool stream, CancellationToken stop)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = fleet.Home.Gateway.Address, Timeout = TimeSpan.FromMinutes(3) };
        var body = $$"""{"model":"{{ProviderHome.Gguf}}","stream":{{(stream ? "true" : "false")}},"temperature":0,"messages":[{"role":"user","content":"ping"}]}""";
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
                request.Headers.Add("x-helix-cache", "off");
                request.Headers.Add("x-helix-continue", "safe");
                using var response = await client.SendAsync(request, CancellationToken.None);
                var text = await response.Content.ReadAsStringAsync(CancellationToken.None);
                if (response.StatusCode != HttpStatusCode.OK) _lost.Enqueue($"{(int)response.StatusCode} {text}");
                else if (stream) NoteStream(text);
                else if ((string?)JsonNode.Parse(text)!["choices"]![0]!["message"]!["content"] == s_words) Interlocked.Increment(ref _whole);
                else _lost.Enqueue(text);
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException or TaskCanceledException)
            {
                _lost.Enqueue(broken.Message);
            }
        }
    }

    private void NoteStream(string text)
    {
        var frames = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(frame => frame.StartsWith("data: ", StringComparison.Ordinal)).Select(frame => frame["data: ".Length..]).ToArray();
        var said = string.Concat(frames.Where(frame => frame != "[DONE]").Select(frame => (string?)(JsonNode.Parse(frame)!["choices"] as JsonArray)?.FirstOrDefault()?["delta"]?["content"]));
        if (said != s_words || frames[^1] != "[DONE]")
        {
            _lost.Enqueue(text[^Math.Min(400, text.Length)..]);
            return;
        }

        Interlocked.Increment(ref _streams);
        if (text.Contains("\"continued\":", StringComparison.Ordinal)) Interlocked.Increment(ref _continued);
    }

    public sealed class Fleet : ProviderHome
    {
        public static string[] Engines { get; } = ["localai", "koboldai", "mistralrs", "textgen"];

        protected override string Settings => $"auto_manager:\n  auto_update: false\nproviders:\n  enabled: [{string.Join(", ", Engines)}]\n";

        protected override async Task PublishAsync()
        {
            foreach (var id in Engines) await Mirror.PublishAsync(Payloads.For(id, ReleaseOf(id)));
        }

        protected override async Task StartedAsync()
        {
            await base.StartedAsync();
            foreach (var id in Engines) await ReleaseIsAsync(id, ReleaseOf(id));
            // what is killed again and again comes back slowly; nobody is to be refused for it here
            (await Home.HelixAsync("config", "set", "gateway.queue_deadline", "600")).Succeeded();
        }
    }
}
