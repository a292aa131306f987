using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Helix.Mirrors;
using Helix.Mirrors.Files;
using Helix.Mirrors.Products;

namespace Helix.Bench.Peers;

/// <param name="Name">How it is installed.</param>
/// <param name="Id">The provider that is installed in this way.</param>
/// <param name="Path">Where its files lie on the mirror; a star stands for the rest.</param>
internal sealed record InstallKindOf(string Name, string Id, string Path);

/// <summary>Mirrors on loopback of all that engines are installed from, with stand-ins inside.</summary>
internal sealed class Shop
{
    private const string Sourced = "sourced";
    private const string SourcedVersion = "b1";
    private const string LmStudioFile = "linux-x64.full.tar.gz";
    private static readonly string s_root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    private Shop(MirrorServer mirror) => Mirror = mirror;

    public static InstallKindOf[] Kinds { get; } =
    [
        new("archive", "llamacpp", "/github.com/ggml-org/*"), new("archive of another maker", "textgen", "/github.com/oobabooga/*"), new("single program", "koboldai", "/github.com/LostRuins/*"),
        new("program and image layers", "localai", "/quay.io/*"), new("npm package", "gpt4all", "/npm/*"), new("Python package", "mlx", "/pypi/*"),
        new("built from source", Sourced, "/engines.example/*"), new("git checkout", "fastchat", "/github.com/lm-sys/*"), new("maker's own download", "lmstudio", "/llmster.lmstudio.ai/*"),
    ];

    public MirrorServer Mirror { get; }

    /// <summary>Manifests in which a digest or the name of a commit is that of the stand-in.</summary>
    public Dictionary<string, string> Overlays { get; } = [];

    public string Settings { get; private set; } = "";

    public static async Task<Shop> OpenAsync()
    {
        var shop = new Shop(await MirrorServer.StartAsync());
        var payloads = new Payloads(Wrapper.Built(padding: 200_000));
        AddSourced(shop);
        foreach (var kind in Kinds.Where(kind => kind.Id != Sourced))
        {
            var payload = payloads.For(kind.Id, ReleaseOf(kind.Id));
            await shop.Mirror.PublishAsync(payload);
            if (kind.Id == "fastchat") shop.Overlays[kind.Id] = Regex.Replace(ManifestOf(kind.Id), "version: [0-9a-f]{40}", $"version: {shop.Mirror.Git.CommitOf(payload.Trees[0].Path, ReleaseOf(kind.Id))}");
            if (kind.Id != "lmstudio") continue;
            var file = payload.Files.Single(each => each.Key.EndsWith("-" + LmStudioFile, StringComparison.Ordinal)).Value;
            shop.Overlays[kind.Id] = Regex.Replace(
                ManifestOf(kind.Id), $"({Regex.Escape("accelerator: none, name: " + LmStudioFile)}), bytes: \\d+, sha512: [0-9a-f]+", $"$1, bytes: {file.Length}, sha512: {Convert.ToHexStringLower(SHA512.HashData(file))}");
        }

        string[] hosts = [.. shop.Mirror.Rewrites().Keys, "https://api.github.com/", "https://quay.io/", "https://download.pytorch.org/"];
        shop.Settings = $"providers:\n  enabled: [builtin, {string.Join(", ", Kinds.Select(kind => kind.Id))}]\nsources:\n  mirrors:\n" + string.Concat(hosts.Distinct().Select(host => $"    - {host}={shop.Mirror.Of(host)}\n"));
        return shop;
    }

    /// <summary>A provider of the user's own: llama-server's manifest with an archive of source, in which the real cmake and compiler have something to do.</summary>
    private static void AddSourced(Shop shop)
    {
        const string Install = """
            install:
              - kind: source
                version: VERSION
                url: https://engines.example/sourced/{version}/source-{version}.tar.gz
                target: llama-server
                keep: [bin/llama-server]

            """;
        const string Lists = """
            cmake_minimum_required(VERSION 3.18)
            project(sourced CXX)
            add_executable(parts main.cpp)
            add_custom_target(llama-server DEPENDS parts COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/llama-server ${CMAKE_BINARY_DIR}/bin/llama-server)

            """;
        var manifest = ManifestOf("llamacpp").Replace("id: llamacpp", $"id: {Sourced}", StringComparison.Ordinal).Replace("release: b10566", $"release: {SourcedVersion}", StringComparison.Ordinal);
        var (from, to) = (manifest.IndexOf("install:\n", StringComparison.Ordinal), manifest.IndexOf("told:\n", StringComparison.Ordinal));
        shop.Overlays[Sourced] = manifest[..from] + Install.Replace("VERSION", SourcedVersion, StringComparison.Ordinal) + manifest[to..];
        var root = $"source-{SourcedVersion}";
        shop.Mirror.Files.Add($"/engines.example/sourced/{SourcedVersion}/{root}.tar.gz", Archive.TarGz(
        [
            new Entry($"{root}/CMakeLists.txt", Lists), new Entry($"{root}/main.cpp", "#include <iostream>\nint main() { std::cout << \"made\"; }\n"), Wrapper.Built().Program($"{root}/llama-server", Sourced, "llamacpp", SourcedVersion),
        ]));
    }

    public IReadOnlyDictionary<string, string> Environment(string home) => new Dictionary<string, string>
    {
        ["HELIX_HOME"] = home,
        ["HELIX_SANDBOX_READS"] = Path.GetDirectoryName(Setting.StandIn)!,
        ["PIP_INDEX_URL"] = Mirror.PythonUrl.ToString(),
        ["PIP_CONFIG_FILE"] = "/dev/null",
        ["PIP_DEFAULT_TIMEOUT"] = "15", // pip's own
        ["npm_config_registry"] = Mirror.NpmUrl.ToString(),
        ["HF_ENDPOINT"] = Mirror.HubUrl.ToString().TrimEnd('/'),
    };

    private static string ManifestOf(string id) => File.ReadAllText(Path.Combine(s_root, "providers", id + ".yaml"));

    private static string ReleaseOf(string id) =>
        ManifestOf(id).Split('\n').First(line => line.StartsWith("release:", StringComparison.Ordinal))["release:".Length..].Split('#')[0].Trim().Trim('"');
}
