using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>LocalAI: ready before any model is loaded; steered by LOCALAI_ variables and a YAML file for each model; needs a backend in its folder.</summary>
internal static class LocalAi
{
    private const string Table = """
        -h|--help --version --address=S --models-path=S --backends-path=S --backends-system-path=S --data-path=S --localai-config-dir=S
        --generated-content-path=S --upload-path=S --context-size=I --threads=I --api-keys=S --load-to-memory=S --max-active-backends=I
        --vram-budget=S --autoload-galleries --autoload-backend-galleries --disable-webui --disable-gallery-endpoint --disable-metrics-endpoint
        --log-level=error|warn|info|debug|trace --log-format=default|text|json --upload-limit=I --f16 --cors --single-active-backend
        """;

    private static readonly (string Flag, string Variable)[] s_variables =
    [
        ("--address", "ADDRESS"), ("--models-path", "MODELS_PATH"), ("--backends-path", "BACKENDS_PATH"), ("--load-to-memory", "LOAD_TO_MEMORY"), ("--api-keys", "API_KEY"),
        ("--disable-metrics-endpoint", "DISABLE_METRICS_ENDPOINT"),
    ];

    public static async Task<int> RunAsync(Stage stage)
    {
        if (stage.Arguments.Contains("--version"))
        {
            Stage.Say($"LocalAI version: v{stage.Version}");
            return 0;
        }

        if (stage.Arguments is ["backends", "install", ..]) return Install(stage, [.. stage.Arguments.Skip(2)]);
        var skip = stage.Arguments is ["run", ..] ? 1 : 0;
        var flags = stage.Parse(FlagStyle.Kong, "local-ai", Table, skip);
        foreach (var (flag, variable) in s_variables)
            if (Stage.Variable($"LOCALAI_{variable}") is { } value && value != "false")
                flags.AddUnlessThere(flag, value);

        var state = new State(stage, flags);
        foreach (var name in (flags.Text("--load-to-memory") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            if (await state.LoadAsync(name) is { } failure)
                Stage.Log($"{{\"level\":\"ERROR\",\"msg\":\"error loading model\",\"model\":\"{name}\",\"error\":\"{failure}\"}}");
        var (host, port) = Address(flags.Text("--address", ":8080"));
        if (host.Length == 0 && !flags.Has("--api-keys") && Stage.Variable("LOCALAI_ALLOW_INSECURE_PUBLIC_BIND") is null)
            throw new Exit(1, "Error running the application: refusing to listen on a public address without authentication");
        var site = state.Site();
        if (!await site.TryListenAsync(host, port)) throw new Exit(1, $"Error running the application: listen tcp {host}:{port}: bind: address already in use");
        Stage.Log($"{{\"level\":\"INFO\",\"msg\":\"LocalAI is started and running\",\"address\":\"http://{host}:{port}\"}}");
        return await Stage.ServeAsync(site, Stopping.Abort);
    }

    private static (string Host, int Port) Address(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon >= 0 && int.TryParse(text[(colon + 1)..], out var port) ? (text[..colon], port) : throw new Exit(1, $"Error running the application: listen tcp: address {text}: missing port in address");
    }

    /// <summary>The stand-in has no gallery: it takes a folder that was unpacked before.</summary>
    private static int Install(Stage stage, string[] arguments)
    {
        var flags = new FlagTable(FlagStyle.Kong, "local-ai", Table).Parse(arguments);
        var path = flags.Text("--backends-path") ?? Stage.Variable("LOCALAI_BACKENDS_PATH") ?? throw new Exit(80, "local-ai: error: --backends-path is needed by the stand-in");
        var source = flags.Positionals.FirstOrDefault() ?? throw new Exit(80, "local-ai: error: expected \"<backend-args> ...\"");
        if (!Directory.Exists(source)) throw new Exit(1, $"Error running the application: no backend found with name \"{source}\"");
        var name = flags.Positionals.Count > 1 ? flags.Positionals[1] : Path.GetFileName(source);
        Directory.CreateDirectory(Path.Combine(path, name));
        foreach (var file in Directory.EnumerateFiles(source)) File.Copy(file, Path.Combine(path, name, Path.GetFileName(file)), overwrite: true);
        Stage.Log($"stand-in for local-ai {stage.Version}: backend {name} installed");
        return 0;
    }

    private sealed class State(Stage stage, ParsedFlags flags)
    {
        private readonly Tally _tally = new();
        private readonly ConcurrentDictionary<string, bool> _loaded = new(StringComparer.Ordinal);
        private readonly string[] _keys = (flags.Text("--api-keys") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

        private string ModelsPath => flags.Text("--models-path", "models");

        public Site Site()
        {
            var manners = new Manners { Models = Models, Refuse = RefuseAsync, ChecksModel = true, Prepare = LoadAsync };
            var api = new OpenAi(stage, manners, _tally);
            var media = new Media(stage, manners, Objection);
            var site = new Site
            {
                Gate = GateAsync, Unreadable = (call, why) => RefuseAsync(call, 400, why),
                Missing = call => RefuseAsync(call, 404, "Resource not found"),
            };
            site.Get("/healthz", call => call.SendAsync(200, "OK"));
            site.Get("/readyz", call => Knobs.Read().Sick ? call.SendAsync(503, new JsonObject { ["status"] = "starting", ["reason"] = "preload" }) : call.SendAsync(200, "OK"));
            site.Get("/version", call => call.SendAsync(200, new JsonObject { ["version"] = $"v{stage.Version} (standin)" }));
            if (!flags.Has("--disable-webui")) site.Get("/", call => call.SendAsync(200, "<!doctype html><title>LocalAI</title>", "text/html"));
            site.Get("/v1/models", api.Models("localai"));
            site.Get("/backend/monitor", call => call.SendAsync(200, new JsonObject { ["loaded"] = new JsonArray([.. _loaded.Keys.Select(name => (JsonNode)name)]) }));
            site.Post("/v1/chat/completions", api.ChatAsync);
            site.Post("/v1/completions", api.CompletionAsync);
            site.Post("/v1/embeddings", api.EmbeddingsAsync);
            site.Post("/v1/images/generations", call => media.ImagesAsync(call, asAddress: true));
            site.Post("/v1/audio/speech", media.SpeechAsync);
            site.Post("/v1/audio/transcriptions", call => media.TranscribeAsync(call, streams: false));
            site.Post("/v1/rerank", call => media.RerankAsync(call, withTexts: true));
            site.Post("/backend/load", async call =>
            {
                var failure = await LoadAsync((await call.BodyAsync())["model"]?.ToString() ?? "");
                await (failure is null ? call.SendAsync(200, new JsonObject { ["success"] = true }) : RefuseAsync(call, 500, failure));
            });
            site.Post("/backend/shutdown", async call =>
            {
                _loaded.TryRemove((await call.BodyAsync())["model"]?.ToString() ?? "", out _);
                await call.SendAsync(200, new JsonObject { ["success"] = true });
            });
            if (!flags.Has("--disable-metrics-endpoint"))
                site.Get("/metrics", call => call.SendAsync(200, $"# TYPE localai_tokens_total counter\nlocalai_tokens_total {_tally.Generated}\n", "text/plain; version=0.0.4"));
            return site;
        }

        /// <returns>Why it could not be loaded.</returns>
        public async Task<string?> LoadAsync(string name)
        {
            if (_loaded.ContainsKey(name)) return null;
            var config = ConfigOf(name);
            var backend = BackendOf(config);
            if (!File.Exists(Path.Combine(flags.Text("--backends-path", "backends"), backend, "run.sh"))) return $"could not load model: backend not found: {backend}";
            var model = Path.Combine(ModelsPath, config.GetValueOrDefault("parameters.model") ?? name);
            if (!File.Exists(model)) return $"could not load model: rpc error: code = Unknown desc = failed loading model {model}";
            await stage.LoadAsync();
            _loaded[name] = true;
            return null;
        }

        /// <summary>Each backend does what it was made for, and nothing else.</summary>
        private string? Objection(string name, Craft craft)
        {
            string[] able = craft switch
            {
                Craft.Images => ["stablediffusion-ggml", "diffusers"],
                Craft.Speech => ["piper", "kokoro"],
                Craft.Transcription => ["whisper", "faster-whisper"],
                _ => ["rerankers"],
            };
            return able.Contains(BackendOf(ConfigOf(name))) ? null : "rpc error: code = Unimplemented desc = unimplemented";
        }

        private static string BackendOf(Dictionary<string, string> config) => config.GetValueOrDefault("backend") ?? "llama-cpp";

        private Dictionary<string, string> ConfigOf(string name) => Path.Combine(ModelsPath, $"{name}.yaml") is var file && File.Exists(file) ? ConfigLines.Read(file) : [];

        /// <summary>Names of the YAML files and the loose files: not what is loaded.</summary>
        private List<string> Models()
        {
            if (!Directory.Exists(ModelsPath)) return [];
            var configs = Directory.EnumerateFiles(ModelsPath, "*.yaml").ToArray();
            var used = configs.Select(file => ConfigLines.Read(file).GetValueOrDefault("parameters.model"));
            var loose = Directory.EnumerateFiles(ModelsPath).Where(file => file.EndsWith(".gguf", StringComparison.Ordinal)).Select(file => Path.GetFileName(file)).Except(used);
            return [.. configs.Select(file => ConfigLines.Read(file).GetValueOrDefault("name") ?? Path.GetFileNameWithoutExtension(file)).Concat(loose.OfType<string>()).Order(StringComparer.Ordinal)];
        }

        private async Task<bool> GateAsync(Call call)
        {
            if (_keys.Length == 0 || call.Path is "/healthz" or "/readyz" || (call.Key("x-api-key", "xi-api-key") is { } key && _keys.Contains(key))) return true;
            await RefuseAsync(call, 401, "An authentication key is required", "invalid_request_error");
            return false;
        }

        private static Task RefuseAsync(Call call, Trouble trouble, string words) => trouble switch
        {
            Trouble.UnknownModel => RefuseAsync(call, 404, $"model \"{words}\" not found"),
            Trouble.BadRequest => RefuseAsync(call, 400, words),
            Trouble.NotReady => RefuseAsync(call, 404, "no models are configured"),
            _ => RefuseAsync(call, 500, words),
        };

        private static Task RefuseAsync(Call call, int status, string words, string type = "") =>
            call.SendAsync(status, new JsonObject { ["error"] = new JsonObject { ["code"] = status, ["message"] = words, ["type"] = type, ["param"] = null } });
    }
}
