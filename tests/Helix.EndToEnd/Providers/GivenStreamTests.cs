using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Providers;

/// <summary>Two stand-ins serve one model, the one that answers is killed in the middle, and what may be another answer each time goes on from what was said.</summary>
public sealed class GivenStreamTests(GivenStreamTests.Fleet fleet) : IClassFixture<GivenStreamTests.Fleet>
{
    private static readonly string s_words = string.Join(' ', Enumerable.Range(1, 60).Select(number => $"word{number}"));

    [Fact]
    public async Task A_completion_goes_on_at_the_other_engine()
    {
        await ReadyAsync();

        var (stream, killed) = await KilledAsync("/v1/completions", $$"""{"model":"{{ProviderHome.Gguf}}","prompt":"ping: ","temperature":0.8,"max_tokens":100,"stream":true}""");
        using (stream)
        {
            IsWhole(stream);
            Assert.Contains(killed, Fleet.Engines);
        }
    }

    /// <summary>Only one of the two can: it is waited for.</summary>
    [Fact]
    public async Task A_chat_goes_on_at_the_one_engine_that_can()
    {
        await ReadyAsync();

        var (stream, _) = await KilledAsync("/v1/chat/completions", $$"""{"model":"{{ProviderHome.Gguf}}","messages":[{"role":"user","content":"ping"}],"temperature":0.8,"max_tokens":100,"stream":true}""");
        using (stream) IsWhole(stream);
    }

    private static void IsWhole(EventStream stream)
    {
        Assert.Null(stream.Error);
        Assert.Equal((s_words, true, "stop"), (stream.Text, stream.Done, stream.FinishReason));
        Assert.Equal(1, (int)Assert.Single(stream.Events, frame => frame["helix"] is not null)["helix"]!["continued"]!);
        Assert.Single(stream.Events.Select(frame => (string?)frame["id"]).Distinct());
        Assert.InRange(stream.Events.Count(frame => frame["choices"] is JsonArray { Count: > 0 } choices && choices[0]!["delta"]?["role"] is not null), 0, 1);
    }

    private async Task ReadyAsync()
    {
        foreach (var id in Fleet.Engines)
        {
            await fleet.ServesAsync(id, ProviderHome.Gguf); // its data folder comes with its first start
            await File.WriteAllTextAsync(Path.Combine(fleet.Home.LocalLlm, "providers", id, "data", "standin.json"), new JsonObject { ["answer"] = s_words, ["slow_tokens_ms"] = 20 }.ToJsonString());
        }
    }

    /// <summary>Kills whoever answers, once some words have come.</summary>
    private async Task<(EventStream Stream, string Killed)> KilledAsync(string path, string ask)
    {
        var stream = await fleet.Home.Gateway.StreamAsync(path, ask, ("x-helix-continue", "safe"));
        for (var count = 0; count < 5; count++) Assert.True(await stream.NextTextAsync(), "the stream ended before it could be disturbed");
        var id = stream.Response.Headers.GetValues("x-helix-provider").Single();
        Assert.Equal(0, Processes.Signal(ProviderHome.EngineOf((int)(await fleet.ProviderAsync(id))["pid"]!), Processes.Kill));
        return (await stream.ToEndAsync(), id);
    }

    public sealed class Fleet : ProviderHome
    {
        public static string[] Engines { get; } = ["llamacpp", "koboldai"];

        protected override string Settings => $"auto_manager:\n  auto_update: false\nproviders:\n  enabled: [{string.Join(", ", Engines)}]\n";

        protected override async Task PublishAsync()
        {
            foreach (var id in Engines) await Mirror.PublishAsync(Payloads.For(id, ReleaseOf(id)));
        }

        protected override async Task StartedAsync()
        {
            await base.StartedAsync();
            foreach (var id in Engines) await ReleaseIsAsync(id, ReleaseOf(id));
        }
    }
}
