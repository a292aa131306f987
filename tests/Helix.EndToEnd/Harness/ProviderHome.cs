using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helix.Core.Tests.Models;
using Helix.Mirrors;
using Helix.Mirrors.Products;

namespace Helix.EndToEnd.Harness;

/// <summary>A home in which helix installs providers from mirrors on loopback, and from nowhere else. It plans for a machine that is described to it.</summary>
public abstract class ProviderHome : RunningHome
{
    /// <summary>Names of the models in the library, by what engines call their format.</summary>
    public const string Gguf = "story", Safetensors = "tiny", Mlx = "tiny-mlx", Exl3 = "tiny-exl3";

    private const string Plain = "os: linux\narchitecture: x64\ncores: 8\nmemory_gb: 64\nfree_disk_gb: 200\nglibc: 2.39\n";

    protected const string WithH100 = Plain + "vulkan: true\ngpus:\n  - {kind: nvidia, name: NVIDIA H100 80GB HBM3, memory_gb: 80, compute_capability: 9.0, driver: 580.65.06}\n";

    /// <summary>Set before anything else happens.</summary>
    internal MirrorServer Mirror { get; private set; } = null!;

    internal virtual Payloads Payloads { get; } = new(Wrapper.Built());

    /// <summary>The machine that is planned for.</summary>
    protected virtual string Machine => Plain;

    /// <summary>Further lines of the configuration.</summary>
    protected virtual string Settings => "";

    /// <summary>Folder of the user's own manifests.</summary>
    public string Manifests => Path.Combine(Home.LocalLlm, "providers.d");

    protected abstract Task PublishAsync();

    protected override async Task PrepareAsync()
    {
        Mirror = await MirrorServer.StartAsync();
        await PublishAsync();
        // what is installed here only leads to the stand-in, which lies where no sandbox shows it
        Home.Environment["HELIX_SANDBOX_READS"] = Path.GetDirectoryName(Wrapper.BuiltStandIn)!;
        Home.Environment["PIP_INDEX_URL"] = Mirror.PythonUrl.ToString();
        Home.Environment["PIP_CONFIG_FILE"] = "/dev/null";
        Home.Environment["npm_config_registry"] = Mirror.NpmUrl.ToString();
        Home.Environment["HF_ENDPOINT"] = Mirror.HubUrl.ToString().TrimEnd('/');
        var machine = Path.Combine(Home.Folder, "machine.yaml");
        await File.WriteAllTextAsync(machine, Machine);
        string[] hosts = [.. Mirror.Rewrites().Keys, "https://api.github.com/", "https://quay.io/", "https://download.pytorch.org/"];
        var mirrors = string.Concat(hosts.Distinct().Select(host => $"    - {host}={Mirror.Of(host)}\n"));
        Home.Installs = true;
        Home.Configure($"hardware:\n  override: {machine}\nsources:\n  mirrors:\n{mirrors}{Settings}");
    }

    protected override async Task StartedAsync()
    {
        await AddAsync(ModelFile.Write(Home.Folder, Gguf, "This is said by the model itself."));
        await AddAsync(WriteFolder(Safetensors, TinyFolder.Chat()));
        await AddAsync(WriteFolder(Mlx, TinyFolder.Chat().OneFile("mlx", ("embed.weight", "BF16", [32, 32]))));
        await AddAsync(WriteFolder(Exl3, TinyFolder.Chat().OneFile(null, ("head.weight", "BF16", [16, 32])).With("quantization_config", new JsonObject { ["quant_method"] = "exl3", ["bits"] = 4.0 })));
    }

    protected override async Task DoneAsync() => await Mirror.DisposeAsync();

    /// <summary>The text of one of helix's own manifests.</summary>
    public static string ManifestOf(string id) => File.ReadAllText(Path.Combine(Binary.Repository, "providers", id + ".yaml"));

    /// <summary>The release that a manifest of helix names.</summary>
    public static string ReleaseOf(string id) =>
        ManifestOf(id).Split('\n').First(line => line.StartsWith("release:", StringComparison.Ordinal))["release:".Length..].Split('#')[0].Trim().Trim('"');

    /// <summary>Lays a manifest into the user's folder, in one step.</summary>
    public void Overlay(string id, string text)
    {
        Directory.CreateDirectory(Manifests);
        File.WriteAllText(Path.Combine(Home.Folder, id + ".new"), text);
        File.Move(Path.Combine(Home.Folder, id + ".new"), Path.Combine(Manifests, id + ".yaml"), overwrite: true);
    }

    internal static string Replaced(string text, string pattern, string by)
    {
        Assert.Matches(pattern, text);
        return Regex.Replace(text, pattern, by);
    }

    internal async Task<Ended> LocalLlmAsync(params string[] words) => await Launched.RunAsync(Home.Command(["local-llm", .. words]), TimeSpan.FromSeconds(150));

    internal async Task<JsonNode> ProviderAsync(string id) =>
        (await Home.Api.GetAsync("/helix/v1/providers")).Is(200).Json["providers"]!.AsArray().Single(provider => (string?)provider!["id"] == id)!;

    /// <summary>Waits until a provider's release is one of these words' beginnings and nothing more is done for it.</summary>
    internal async Task ReleaseIsAsync(string id, string release)
    {
        var seen = "";
        await Eventually.TrueAsync(
            async () =>
            {
                var provider = await ProviderAsync(id);
                seen = provider.ToJsonString();
                return (string?)provider["release"] == release;
            },
            $"{id} has the release {release}", () => seen + "\n" + InstallLog(id), TimeSpan.FromSeconds(150));
    }

    /// <summary>The engine itself, inside of what shuts it in and keeps it together.</summary>
    internal static int EngineOf(int pid)
    {
        var words = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        var isAround = Path.GetFileName(words[0]) is "bwrap" or "unshare" || words.ElementAtOrDefault(1) == "-c" || (Path.GetFileName(words[0]) == "helix" && words.ElementAtOrDefault(1) != "engine");
        // a child belongs to the thread that started it
        var child = isAround ? Directory.EnumerateDirectories($"/proc/{pid}/task").SelectMany(thread => File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault() : null;
        return child is null ? pid : EngineOf(int.Parse(child, CultureInfo.InvariantCulture));
    }

    internal async Task ServesAsync(string id, string model)
    {
        var seen = "";
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    var reply = await ChatAsync(id, model);
                    if (reply.Status == 200) return true;
                    var events = (await Home.Api.GetAsync($"/helix/v1/history?provider={id}&limit=40")).Is(200).Json["events"]!.AsArray();
                    seen = $"{reply.Status} {reply.Body}\n{string.Join('\n', events.Select(each => $"{each!["at"]} {each["subject"]} {each["kind"]} {each["what"]} {each["words"]}"))}\n{(await ProviderAsync(id)).ToJsonString()}";
                    return false;
                }
                catch (TaskCanceledException)
                {
                    return false; // it waited for a minute
                }
            },
            $"{id} serves {model}", () => $"{seen}\n{InstallLog(id)}", TimeSpan.FromSeconds(120));
    }

    internal Task<Reply> ChatAsync(string id, string model) =>
        Home.Gateway.PostAsync("/v1/chat/completions", $$"""{"model":"{{id}}/{{model}}","messages":[{"role":"user","content":"ping"}]}""");

    /// <summary>Asks through the gateway, and checks who answers.</summary>
    internal async Task AnswersAsync(string id, string model, string version)
    {
        var reply = (await ChatAsync(id, model)).Is(200);
        Assert.StartsWith($"I am a stand-in for {id} {version}, model ", (string?)reply.Json["choices"]![0]!["message"]!["content"], StringComparison.Ordinal);
        Assert.Equal(id, reply.Header("x-helix-provider"));
    }

    public string InstallLog(string id)
    {
        var file = Path.Combine(Home.LocalLlm, "logs", id, "install.log");
        return File.Exists(file) ? File.ReadAllText(file) : $"{file} is not there";
    }

    private async Task AddAsync(string path) => (await Home.HelixAsync("models", "add", path)).Succeeded();

    private string WriteFolder(string name, TinyFolder folder)
    {
        var path = Home.Make(name);
        folder.Write(path);
        return path;
    }
}
