using Helix.Core.Models;

namespace Helix.Bench.Peers;

/// <summary>A home with thirteen providers of its own: stand-ins that pose as llama-server, and that load for so long.</summary>
internal sealed class TimerFleet
{
    /// <summary>In the library of that home.</summary>
    public const string Model = "timed";

    private const int Fastest = 4_000, Step = 500;

    /// <param name="settings">Further lines of the configuration.</param>
    public TimerFleet(Setting setting, string settings = "")
    {
        Home = HelixServer.NewHome(setting);
        var llm = Path.Combine(Home, "local-llm");
        File.WriteAllBytes(Path.Combine(llm, "models", Model + ".gguf"), ScriptedGguf.Make("ready", Model));
        var config = Directory.CreateDirectory(Path.Combine(llm, "auto-manager", "config")).FullName;
        File.WriteAllText(Path.Combine(config, "auto-config.yaml"), $"providers:\n  enabled: [builtin, {string.Join(", ", Ids)}]\n{settings}");
        var manifests = Directory.CreateDirectory(Path.Combine(llm, "providers.d")).FullName;
        foreach (var (number, id) in Ids.Index())
        {
            File.WriteAllText(Path.Combine(manifests, id + ".yaml"), Manifest.Replace("ID", id, StringComparison.Ordinal));
            Install(Path.Combine(llm, "providers", id), id, Setting.StandIn, Fastest + (number * Step));
        }
    }

    public static string[] Ids { get; } = [.. Enumerable.Range(1, 13).Select(number => $"timer{number:00}")];

    public string Home { get; }

    /// <summary>As an installation leaves it.</summary>
    private static void Install(string folder, string id, string standIn, int milliseconds)
    {
        var release = Directory.CreateDirectory(Path.Combine(folder, "versions", "1.0")).FullName;
        var program = Path.Combine(release, "engine");
        File.WriteAllText(program, $"#!/bin/sh\nSTANDIN_LOAD_MS={milliseconds} DOTNET_TieredCompilation=1 exec '{standIn}' --as llamacpp --standin-version 1.0 \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(release, "release.json"), $$"""
            {"provider": "{{id}}", "version": "1.0", "on": "None", "gpus": 0, "kind": "Binary", "installed": "2026-01-01T00:00:00+00:00", "bytes": 100, "tools": {}, "digests": [], "tested": "nothing"}
            """);
        Directory.CreateSymbolicLink(Path.Combine(folder, "current"), "versions/1.0");
    }

    private const string Manifest = """
        id: ID
        name: Timer
        category: high-performance
        description: A stand-in whose start is a timer
        licence: Apache-2.0
        home: https://example.org/
        tier: 2
        runs:
          elsewhere: it is for Linux
          platforms:
            - {os: linux, architectures: [x64, arm64]}
        install:
          - kind: binary
            version: "1.0"
            program: engine
            url: https://example.org/{asset}
            assets:
              - {os: linux, architectures: [x64, arm64], name: engine}
        models:
          formats: [gguf]
        preference: 50
        launch:
          listen: socket
          processes:
            - program: "{release}/engine"
              arguments:
                - words: [--host, "{socket}", --model, "{model}", --alias, "{model_id}", --ctx-size, "{context_total}", --parallel, "{slots}"]
          memory_mb: 60
        serves:
          dialects: [openai]
          abilities: [chat, completions]
          ready: {path: /health, status: 200}
        """;
}
