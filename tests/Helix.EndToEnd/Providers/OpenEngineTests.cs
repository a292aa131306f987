using System.Text.Json.Nodes;
using Helix.Mirrors.Products;

namespace Helix.EndToEnd.Providers;

/// <summary>An engine takes connections from everywhere, where nothing but its own manifest keeps it from that.</summary>
public sealed class OpenEngineTests(OpenEngineTests.Shop shop) : IClassFixture<OpenEngineTests.Shop>
{
    private const string Id = "open-engine";
    private const string Version = "7.4";

    private const string Manifest = """
        id: open-engine
        name: Open engine
        category: high-performance
        description: Listens everywhere
        licence: MIT
        home: https://engines.example/open-engine
        tier: 2
        runs:
          elsewhere: it is built for Linux only
          platforms:
            - {os: linux, architectures: [x64], accelerator: none}
        install:
          - kind: binary
            program: open-engine
            version: "7.4"
            url: https://engines.example/open-engine/{version}/{asset}
            assets:
              - {os: linux, architectures: [x64], accelerator: none, name: open-engine-linux}
        told:
          run: ["{release}/open-engine", --version]
          says: "version"
        models:
          formats: [gguf]
        preference: 95
        launch:
          listen: port
          processes:
            - program: "{release}/open-engine"
              arguments:
                - words: [--host, 0.0.0.0, --port, "{port}", --model, "{model}", --alias, "{model_id}", --ctx-size, "{context_total}", --parallel, "{slots}", --threads, "{threads}"]
          start_seconds: 60
          stop_seconds: 5
          memory_mb: 60
        serves:
          dialects: [openai]
          abilities: [chat, completions]
          ready: {path: /health, status: 200}

        """;

    [Fact]
    public async Task It_is_told_started_anew_once_and_told_again_where_that_did_not_help()
    {
        shop.Overlay(Id, Manifest);
        await shop.ReleaseIsAsync(Id, Version);
        (await shop.ChatAsync(Id, ProviderHome.Gguf)).Is(200);
        var engine = (int)(await shop.ProviderAsync(Id))["pid"]!;

        var finding = Finding(await LookAsync());

        Assert.Equal("critical", (string?)finding["severity"]);
        Assert.Contains("takes connections at 0.0.0.0:", (string)finding["what"]!, StringComparison.Ordinal);
        Assert.Contains("starts it anew", (string)finding["remedy"]!, StringComparison.Ordinal);
        Assert.Null(finding["done"]);
        await Eventually.TrueAsync(async () => (await shop.ProviderAsync(Id)) is var provider && (string?)provider["state"] == "ready" && (int)provider["pid"]! != engine, "another process", deadline: TimeSpan.FromSeconds(120));

        var again = Finding(await LookAsync());
        Assert.Equal($"helix local-llm stop {Id}", (string?)again["command"]);
        Assert.Equal(2, (await AlertsAsync()).Length);

        (await shop.LocalLlmAsync("stop", Id)).Succeeded();
        await Eventually.TrueAsync(async () => (await LookAsync())["findings"]!.AsArray().All(each => (string?)each!["name"] != "engine_listens"), "nothing listens any more", deadline: TimeSpan.FromSeconds(120));
    }

    private static JsonNode Finding(JsonNode report) => report["findings"]!.AsArray().Single(each => (string?)each!["name"] == "engine_listens")!;

    private async Task<JsonNode> LookAsync() => (await shop.Home.Api.PostAsync("/helix/v1/security/run", "{}")).Is(200).Json;

    private async Task<JsonNode[]> AlertsAsync() => [.. (await shop.Home.Api.GetAsync("/helix/v1/history?kind=alert&limit=1000")).Is(200).Json["events"]!.AsArray().Select(each => each!).Where(each => (string?)each["what"] == "engine_listens")];

    public sealed class Shop : ProviderHome
    {
        protected override string Settings => $"providers:\n  enabled: [builtin, {Id}]\nsecurity:\n  network_isolation: false\n";

        protected override Task PublishAsync()
        {
            Mirror.Files.Add($"/engines.example/{Id}/{Version}/{Id}-linux", System.Text.Encoding.UTF8.GetBytes(Wrapper.Built().Shell(Id, "llamacpp", Version)));
            return Task.CompletedTask;
        }
    }
}
