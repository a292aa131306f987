using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>TabbyAPI: steered by <c>config.yml</c> and <c>api_tokens.yml</c> in its folder; a taken port moves it to the next one.</summary>
internal static class Tabby
{
    private const string Table = """
        --config=S --host=S --port=I --disable-auth=S --disable-fetch-requests=S --send-tracebacks=S --api-servers=N --log-prompt=S
        --log-generation-params=S --log-requests=S --log-chat-completion-requests=S --model-dir=S --inline-model-loading=S --use-dummy-models=S
        --dummy-model-names=N --model-name=S --use-as-default=N --backend=S --max-seq-len=I --cache-size=I --cache-mode=S --tensor-parallel=S
        --tensor-parallel-backend=S --gpu-split-auto=S --autosplit-reserve=N --gpu-split=N --rope-scale=F --rope-alpha=S --chunk-size=I
        --output-chunking=S --max-batch-size=I --prompt-template=S --vision=S --reasoning=S --tool-format=S --override-preset=S
        --embedding-model-dir=S --embeddings-device=S --embedding-model-name=S --cuda-malloc-async=S --realtime-process-priority=S
        """;

    private static readonly Dictionary<string, string> s_sections = new(StringComparer.Ordinal)
    {
        ["host"] = "network", ["port"] = "network", ["disable-auth"] = "network", ["model-dir"] = "model", ["model-name"] = "model", ["max-seq-len"] = "model", ["cache-size"] = "model",
    };

    public static async Task<int> RunAsync(Stage stage)
    {
        var flags = stage.Parse(FlagStyle.Argparse, "main.py", Table);
        var settings = Settings(flags);
        if (settings["cache-size"] is { } cache && int.Parse(cache, null) % 256 != 0) throw new Exit(1, "ValidationError: model.cache_size Input should be a multiple of 256");
        var host = settings["host"] ?? "127.0.0.1";
        var port = int.Parse(settings["port"] ?? "5000", null);
        port = FreePort(host, port);
        var (key, admin) = Tokens(settings["disable-auth"] is "true" or "True");
        var model = settings["model-name"];
        if (model is not null)
        {
            var folder = Path.Combine(settings["model-dir"] ?? "models", model);
            if (!ModelFiles.IsFolder(folder)) throw new Exit(1, $"FileNotFoundError: Model path {folder} does not exist.");
            await stage.LoadAsync();
            Stage.Say("INFO:     Model successfully loaded.");
        }

        var site = new State(stage, model, key, admin, int.Parse(settings["max-seq-len"] ?? "4096", null)).Site();
        if (!await site.TryListenAsync(host, port)) throw new Exit(1, $"ERROR:    [Errno 98] error while attempting to bind on address ('{host}', {port})");
        Stage.Say($"INFO:     Developer documentation: http://{host}:{port}/redoc");
        Stage.Say($"INFO:     Uvicorn running on http://{host}:{port} (Press CTRL+C to quit)");
        return await Stage.ServeAsync(site, Stopping.Drain);
    }

    private static int FreePort(string host, int port)
    {
        if (Listening.IsFree(host, port)) return port;
        if (!Listening.IsFree(host, port + 1)) throw new Exit(1, $"ERROR:    Ports {port} and {port + 1} are in use by different services.");
        Stage.Say($"WARNING:  Port {port} is currently in use. Switching to {port + 1}.");
        return port + 1;
    }

    /// <summary>Flags over TABBY_SECTION_FIELD over the file; a named file alone where one is named.</summary>
    private static Dictionary<string, string?> Settings(ParsedFlags flags)
    {
        Dictionary<string, string> file = new(StringComparer.Ordinal);
        var path = flags.Text("--config", "config.yml");
        try
        {
            if (File.Exists(path)) file = ConfigLines.Read(path);
        }
        catch (FormatException exception)
        {
            Stage.Say($"ERROR:    The YAML config from {path} couldn't load because of the following error: {exception.Message}"); // and goes on, as the real one
        }

        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, section) in s_sections)
        {
            var field = name.Replace('-', '_');
            var said = flags.Has("--config") ? null : flags.Text($"--{name}") ?? Stage.Variable($"TABBY_{section}_{field}".ToUpperInvariant());
            settings[name] = said ?? (file.GetValueOrDefault($"{section}.{field}") is { Length: > 0 } written ? written : null);
        }

        return settings;
    }

    private static (string? Key, string? Admin) Tokens(bool open)
    {
        if (open) return (null, null);
        if (!File.Exists("api_tokens.yml"))
        {
            File.WriteAllText("api_tokens.yml", "api_key: standin-generated-key\nadmin_key: standin-generated-admin\n");
            Stage.Say("INFO:     Your API key is: standin-generated-key\nINFO:     Your admin key is: standin-generated-admin");
        }

        var tokens = ConfigLines.Read("api_tokens.yml");
        return (tokens.GetValueOrDefault("api_key"), tokens.GetValueOrDefault("admin_key"));
    }

    private sealed class State(Stage stage, string? loaded, string? key, string? admin, int context)
    {
        private readonly Tally _tally = new();
        private string? _model = loaded;

        public Site Site()
        {
            var manners = new Manners { Models = () => _model is null ? [] : [_model], Refuse = RefuseAsync, Context = context, RefusedFormats = ["json_object"], Begun = static body => body["response_prefix"]?.ToString() };
            var api = new OpenAi(stage, manners, _tally);
            var site = new Site { Gate = GateAsync, Unreadable = (call, why) => RefuseAsync(call, 422, why) };
            site.Get("/health", call => Knobs.Read().Sick
                ? call.SendAsync(503, new JsonObject { ["status"] = "unhealthy", ["issues"] = new JsonArray(new JsonObject { ["time"] = "2026-01-01", ["description"] = "generation failed" }) })
                : call.SendAsync(200, new JsonObject { ["status"] = "healthy", ["issues"] = new JsonArray() }));
            site.Get("/.well-known/serviceinfo", call => call.SendAsync(200, new JsonObject { ["version"] = 0.1, ["software"] = new JsonObject { ["name"] = "TabbyAPI" } }));
            site.Get("/v1/models", api.Models("tabbyAPI"));
            site.Get("/v1/model/list", api.Models("tabbyAPI"));
            site.Get("/v1/model", call => _model is null
                ? RefuseAsync(call, 503, "No models are currently loaded.")
                : call.SendAsync(200, new JsonObject { ["id"] = _model, ["object"] = "model", ["parameters"] = new JsonObject { ["max_seq_len"] = context } }));
            site.Post("/v1/model/unload", call =>
            {
                _model = null;
                return call.SendAsync(200, "null", "application/json");
            });
            site.Post("/v1/chat/completions", api.ChatAsync);
            site.Post("/v1/completions", api.CompletionAsync);
            site.Post("/v1/token/encode", async call =>
            {
                var text = (await call.BodyAsync())["text"]?.ToString() ?? "";
                await call.SendAsync(200, new JsonObject { ["tokens"] = Text.Tokens(text), ["length"] = Text.Count(text) });
            });
            return site;
        }

        private async Task<bool> GateAsync(Call call)
        {
            if (call.Path is "/health" or "/.well-known/serviceinfo" || key is null) return true;
            var administers = call.Path is "/v1/model/load" or "/v1/model/unload";
            var given = call.Header("x-admin-key") ?? call.Key("x-api-key");
            if (given == admin || (!administers && given == key)) return true;
            await RefuseAsync(call, 401, given is null ? "Please provide an API key" : "Invalid API key");
            return false;
        }

        private Task RefuseAsync(Call call, Trouble trouble, string words) => trouble switch
        {
            Trouble.TooLong => call.SendAsync(400, new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["message"] = $"Prompt length {words.Split('/')[0]} is greater than max_seq_len {context}", ["type"] = "invalid_request_error", ["code"] = "context_length_exceeded",
                },
            }),
            Trouble.NotReady or Trouble.Broken => RefuseAsync(call, 503, words),
            _ => RefuseAsync(call, 400, words),
        };

        private static Task RefuseAsync(Call call, int status, string words) => call.SendAsync(status, new JsonObject { ["detail"] = words });
    }
}
