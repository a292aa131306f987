using Helix.Mirrors.Products;

namespace Helix.EndToEnd.Providers;

/// <summary>A provider that helix has never heard of, described by one file of the user.</summary>
public sealed class OwnManifestTests(OwnManifestTests.Shop shop) : IClassFixture<OwnManifestTests.Shop>
{
    private const string Id = "my-engine";
    private const string Version = "7.3";

    private const string Manifest = """
        id: my-engine
        name: My engine
        category: high-performance
        description: Made by nobody
        licence: MIT
        home: https://engines.example/my-engine
        tier: 2
        runs:
          elsewhere: it is built for Linux only
          platforms:
            - {os: linux, architectures: [x64], accelerator: none}
        install:
          - kind: binary
            program: my-engine
            version: "7.3"
            url: https://engines.example/my-engine/{version}/{asset}
            assets:
              - {os: linux, architectures: [x64], accelerator: none, name: my-engine-linux}
        told:
          run: ["{release}/my-engine", --version]
          says: "version"
        models:
          formats: [gguf]
        preference: 95
        launch:
          listen: socket
          processes:
            - program: "{release}/my-engine"
              arguments:
                - words: [--host, "{socket}", --model, "{model}", --alias, "{model_id}", --ctx-size, "{context_total}", --parallel, "{slots}", --threads, "{threads}"]
          start_seconds: 60
          stop_seconds: 5
          memory_mb: 60
        serves:
          dialects: [openai]
          abilities: [chat, completions]
          ready: {path: /health, status: 200}

        """;

    [Fact]
    public async Task One_file_makes_it_known_installed_and_answering_and_its_absence_forgotten()
    {
        Assert.Equal(404, (await shop.ChatAsync(Id, ProviderHome.Gguf)).Status);

        shop.Overlay(Id, Manifest);

        await shop.ReleaseIsAsync(Id, Version);
        Assert.Contains("Made by nobody", (await shop.LocalLlmAsync("list")).Succeeded().Out, StringComparison.Ordinal);
        var reply = (await shop.ChatAsync(Id, ProviderHome.Gguf)).Is(200);
        Assert.StartsWith($"I am a stand-in for llamacpp {Version}", (string?)reply.Json["choices"]![0]!["message"]!["content"], StringComparison.Ordinal);
        Assert.Equal(Id, reply.Header("x-helix-provider"));

        File.Delete(Path.Combine(shop.Manifests, Id + ".yaml"));
        await Eventually.TrueAsync(async () => (await shop.ChatAsync(Id, ProviderHome.Gguf)).Status == 404, "it is not known any more");
    }

    public sealed class Shop : ProviderHome
    {
        protected override string Settings => "providers:\n  enabled: [builtin, my-engine]\n";

        protected override Task PublishAsync()
        {
            Mirror.Files.Add("/engines.example/my-engine/7.3/my-engine-linux", System.Text.Encoding.UTF8.GetBytes(Wrapper.Built().Shell(Id, "llamacpp", Version)));
            return Task.CompletedTask;
        }
    }
}
