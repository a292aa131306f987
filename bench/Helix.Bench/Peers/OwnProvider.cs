using System.Globalization;

namespace Helix.Bench.Peers;

/// <summary>A provider of the user's own, described as a manifest does it and installed as an installation leaves it.</summary>
internal static class OwnProvider
{
    /// <param name="words">With which it is started, as a list of YAML.</param>
    /// <param name="megabytes">That it takes without a model.</param>
    /// <param name="command">What a shell makes of those words, which it knows as <c>"$@"</c>.</param>
    public static void Add(string home, string id, string words, int megabytes, string command)
    {
        var llm = Path.Combine(home, "local-llm");
        var manifest = Manifest.Replace("ID", id, StringComparison.Ordinal).Replace("WORDS", words, StringComparison.Ordinal).Replace("MEMORY", megabytes.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(llm, "providers.d")).FullName, id + ".yaml"), manifest);
        var folder = Path.Combine(llm, "providers", id);
        var release = Directory.CreateDirectory(Path.Combine(folder, "versions", "1.0")).FullName;
        var program = Path.Combine(release, "engine");
        File.WriteAllText(program, $"#!/bin/sh\n{command}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(release, "release.json"), $$"""
            {"provider": "{{id}}", "version": "1.0", "on": "None", "gpus": 0, "kind": "Binary", "installed": "2026-01-01T00:00:00+00:00", "bytes": 100, "tools": {}, "digests": [], "tested": "nothing"}
            """);
        Directory.CreateSymbolicLink(Path.Combine(folder, "current"), "versions/1.0");
    }

    private const string Manifest = """
        id: ID
        name: Bench
        category: high-performance
        description: An engine of the bench
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
                - words: WORDS
          memory_mb: MEMORY
        serves:
          dialects: [openai]
          abilities: [chat, completions]
          ready: {path: /health, status: 200}
        """;
}
