using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>TextGen WebUI's server.py: a taken port is silently changed, and a failed load leaves its health good.</summary>
internal static class TextGen
{
    private const string Table = """
        -h|--help --portable --api --nowebui --api-port=I --api-key=S --admin-key=S --api-enable-ipv6 --api-disable-ipv4 --public-api --user-data-dir=S
        --model-dir=S --model=S --loader=S --lora-dir=S --lora=N --ctx-size=I --gpu-layers=I --cpu-moe --parallel=I --threads=I --threads-batch=I
        --batch-size=I --ubatch-size=I --cache-type=S --idle-timeout=I --extra-flags=S --mmproj=S --model-draft=S --draft-max=I --tensor-split=S
        --split-mode=S --no-mmap --mlock --numa --no-kv-offload --row-split --streaming-llm --fit-target=S --settings=S --extensions=N --verbose
        --idle-timeout=I --listen --listen-host=S --listen-port=I --gradio-auth-path=S --gradio-auth=S --share --auto-launch --multi-user --cpu --spec-type=S --old-colors --nowebui
        """;

    public static async Task<int> RunAsync(Stage stage)
    {
        var flags = stage.Parse(FlagStyle.Argparse, "server.py", Table, skip: stage.Arguments is [var script, ..] && script.EndsWith("server.py", StringComparison.Ordinal) ? 1 : 0);
        if (!flags.Has("--api")) throw new Exit(1, "stand-in: without --api there would only be the web interface, which the stand-in does not have");
        var port = flags.Int("--api-port", int.Parse(Stage.Variable("OPENEDAI_PORT") ?? "5000", null));
        if (!Listening.IsFree("127.0.0.1", port)) port = Ports.Any();
        var model = flags.Text("--model");
        var path = model is null ? null : Path.Combine(flags.Text("--model-dir", "user_data/models"), model);
        await stage.LoadAsync();
        var loaded = path is not null && (ModelFiles.IsGguf(path) || ModelFiles.IsFolder(path));
        if (path is not null && !loaded) Stage.Log($"ERROR    Failed to load the model with llama.cpp: {path}"); // and goes on
        var site = new State(stage, flags, model, loaded).Site();
        if (!await site.TryListenAsync("127.0.0.1", port)) throw new Exit(1, "ERROR:    [Errno 98] error while attempting to bind on address");
        Stage.Log($"INFO     OpenAI/Anthropic-compatible API URL:\n\nhttp://127.0.0.1:{port}/v1\n");
        if (flags.Text("--api-key") is { } key) Stage.Log($"INFO     OpenAI API key:\n\n{key}\n");
        if (!flags.Has("--nowebui") && !await Pages(flags).TryListenAsync("127.0.0.1", flags.Int("--listen-port", 7860))) throw new Exit(1, "OSError: Cannot find empty port in range");
        return await Stage.ServeAsync(site, Stopping.Abort);
    }

    /// <summary>Gradio's: a name and a password are asked for where it was given a file of them, and a cookie remembers them.</summary>
    private static Site Pages(ParsedFlags flags)
    {
        const string Cookie = "access-token-unsecure-standin=in";
        string[] users = flags.Text("--gradio-auth-path") is { } file ? File.ReadAllLines(file) : [];
        var pages = new Site();
        pages.Get("/", call => users.Length == 0 || call.Cookies.Contains(Cookie, StringComparison.Ordinal)
            ? call.SendAsync(200, "<!doctype html><title>Text Generation Web UI</title>", "text/html")
            : call.SendAsync(200, "<!doctype html><title>Login</title>", "text/html"));
        pages.Post("/login", async call =>
        {
            var form = (await call.TextAsync()).Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]), StringComparer.Ordinal);
            if (!users.Contains($"{form.GetValueOrDefault("username")}:{form.GetValueOrDefault("password")}", StringComparer.Ordinal))
            {
                await call.SendAsync(400, new JsonObject { ["detail"] = "Incorrect credentials." });
                return;
            }

            call.SetCookie(Cookie + "; HttpOnly; Path=/; SameSite=lax");
            await call.SendAsync(200, new JsonObject { ["success"] = true });
        });
        return pages;
    }

    private sealed class State(Stage stage, ParsedFlags flags, string? model, bool loaded)
    {
        private readonly string? _key = flags.Text("--api-key");
        private readonly string? _admin = flags.Text("--admin-key") ?? flags.Text("--api-key");
        private string? _model = model;
        private bool _loaded = loaded;

        public Site Site()
        {
            var manners = new Manners
            {
                Models = () => [_model ?? "None"], Refuse = RefuseAsync, StreamUsage = StreamUsage.WhenAsked,
                Prepare = _ => Task.FromResult(_loaded ? null : "No model is loaded"),
            };
            var api = new OpenAi(stage, manners, new Tally());
            var site = new Site { Gate = GateAsync, Unreadable = (call, why) => call.SendAsync(422, new JsonObject { ["detail"] = why }) };
            site.Get("/v1/models", api.Models("user"));
            site.Post("/v1/chat/completions", api.ChatAsync);
            site.Post("/v1/completions", api.CompletionAsync);
            site.Get("/v1/internal/health", call => call.SendAsync(200, new JsonObject { ["status"] = "ok" }));
            site.Get("/v1/internal/model/info", call => call.SendAsync(200, new JsonObject { ["model_name"] = _model ?? "None", ["lora_names"] = new JsonArray() }));
            site.Get("/v1/internal/model/list", call => call.SendAsync(200, new JsonObject { ["model_names"] = _model is null ? [] : new JsonArray(_model) }));
            site.Post("/v1/internal/token-count", async call => await (_loaded
                ? call.SendAsync(200, new JsonObject { ["length"] = Text.Count((await call.BodyAsync())["text"]?.ToString() ?? "") })
                : call.SendAsync(500, "Internal Server Error")));
            site.Post("/v1/internal/encode", async call =>
            {
                var text = (await call.BodyAsync())["text"]?.ToString() ?? "";
                await call.SendAsync(200, new JsonObject { ["tokens"] = Text.Tokens(text), ["length"] = Text.Count(text) });
            });
            site.Post("/v1/internal/model/unload", call =>
            {
                (_model, _loaded) = (null, false);
                return call.SendAsync(200, "\"OK\"", "application/json");
            });
            return site;
        }

        private async Task<bool> GateAsync(Call call)
        {
            if (call.Host is not ("localhost" or "127.0.0.1"))
            {
                await call.SendAsync(400, "Invalid host header");
                return false;
            }

            var wanted = call.Path is "/v1/internal/model/load" or "/v1/internal/model/unload" ? _admin : _key;
            if (wanted is null || call.Path == "/v1/internal/health" || call.Key("x-api-key") == wanted) return true;
            await call.SendAsync(401, new JsonObject { ["detail"] = "Unauthorized" });
            return false;
        }

        private static Task RefuseAsync(Call call, Trouble trouble, string words) => trouble is Trouble.BadRequest
            ? call.SendAsync(400, new JsonObject { ["error"] = new JsonObject { ["message"] = words, ["code"] = 400, ["type"] = "InvalidRequestError", ["param"] = "" } })
            : call.SendAsync(500, new JsonObject { ["error"] = new JsonObject { ["message"] = words, ["code"] = 500, ["type"] = "OpenAIError", ["param"] = "" } });
    }
}
