using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>llama-server with one model: it listens while it loads, and says 503 until then.</summary>
internal static class LlamaServer
{
    public static async Task<int> RunAsync(Stage stage)
    {
        var flags = stage.Parse(FlagStyle.Llama, "llama-server", LlamaFlags.Table);
        if (flags.Has("--version"))
        {
            Stage.Log($"version: {stage.Version} (build 0, commit standin)");
            return 0;
        }

        if (flags.Positionals.Count > 0) throw FlagStyle.Llama.Unknown("llama-server", flags.Positionals[0]);
        flags.AddUnlessThere("--host", Stage.Variable("LLAMA_ARG_HOST"));
        flags.AddUnlessThere("--port", Stage.Variable("LLAMA_ARG_PORT"));
        flags.AddUnlessThere("--model", Stage.Variable("LLAMA_ARG_MODEL"));
        var model = flags.Text("--model") ?? throw new Exit(1, "error: the stand-in has no router mode: --model is required");
        var (host, port) = (flags.Text("--host", "127.0.0.1"), flags.Int("--port", 8080));
        var state = new State(stage, flags, model);
        var site = state.Site();
        if (!await site.TryListenAsync(host, port)) throw new Exit(1, $"0.00.100.000 E srv start: couldn't bind HTTP server socket, hostname: {host}, port: {port}");
        if (!ModelFiles.IsGguf(model)) throw new Exit(1, $"0.00.200.000 E llama_model_load: error loading model: {model}\n0.00.200.001 E srv llama_server: exiting due to model loading error");
        await stage.LoadAsync();
        state.Loaded = true;
        Stage.Log("0.00.300.000 I srv llama_server: model loaded");
        Stage.Log($"0.00.300.001 I srv llama_server: listening on {(host.StartsWith('/') ? $"unix://{host}" : $"http://{host}:{port}")}");
        return await Stage.ServeAsync(site, Stopping.WaitsForClients);
    }

    private sealed class State(Stage stage, ParsedFlags flags, string path)
    {
        private readonly Tally _tally = new();
        private readonly string _alias = flags.Text("--alias") ?? Path.GetFileName(path);
        private readonly IReadOnlyList<string> _keys = Keys(flags);

        public bool Loaded { get; set; }

        public Site Site()
        {
            var manners = new Manners
            {
                Models = () => [_alias],
                Refuse = RefuseAsync,
                Context = flags.Int("--ctx-size", 4096) is > 0 and var size ? size / Math.Max(1, flags.Int("--parallel", 1)) : null,
                Fingerprint = stage.Version,
                Tools = true,
                Begun = body => Begun.Told(body) ?? (flags.Has("--no-prefill-assistant") ? null : Begun.Last(body)),
                Whole = whole => whole["timings"] = new JsonObject { ["prompt_n"] = 1, ["prompt_per_second"] = 1000.0, ["predicted_n"] = 1, ["predicted_per_second"] = 100.0 },
                Usage = usage => usage["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
            };
            var api = new OpenAi(stage, manners, _tally);
            var site = new Site
            {
                Gate = GateAsync,
                Missing = call => RefuseAsync(call, 404, "File Not Found", "not_found_error"),
                Unreadable = (call, why) => RefuseAsync(call, 500, why, "server_error"), // the real one says 500 too
            };
            foreach (var path in (string[])["/v1/chat/completions", "/chat/completions"]) site.Post(path, api.ChatAsync);
            foreach (var path in (string[])["/v1/completions", "/completion", "/completions"]) site.Post(path, api.CompletionAsync);
            site.Post("/v1/embeddings", flags.Has("--embedding") ? api.EmbeddingsAsync : call => RefuseAsync(call, 501, "This server does not support embeddings. Start it with `--embeddings`", "not_supported_error"));
            var media = new Media(stage, manners, (_, _) => null);
            foreach (var ranking in (string[])["/v1/rerank", "/rerank", "/reranking"])
                site.Post(ranking, flags.Has("--rerank") ? call => media.RerankAsync(call, withTexts: false) : call => RefuseAsync(call, 501, "This server does not support reranking. Start it with `--reranking`", "not_supported_error"));
            site.Get("/v1/models", api.Models("llamacpp", card => card["meta"] = new JsonObject { ["n_ctx"] = flags.Int("--ctx-size", 4096), ["size"] = new FileInfo(path).Length }));
            site.Get("/props", call => call.SendAsync(200, new JsonObject
            {
                ["build_info"] = stage.Version, ["model_path"] = path, ["model_alias"] = _alias, ["total_slots"] = flags.Int("--parallel", 4),
            }));
            site.Get("/metrics", MetricsAsync);
            site.Get("/health", HealthAsync);
            site.Get("/v1/health", HealthAsync);
            site.Get("/slots", call => call.SendAsync(200, new JsonArray([.. Enumerable.Range(0, flags.Int("--parallel", 4)).Select(id =>
                (JsonNode)new JsonObject { ["id"] = id, ["n_ctx"] = flags.Int("--ctx-size", 4096), ["is_processing"] = id < _tally.Running })])));
            site.Post("/tokenize", async call => await call.SendAsync(200, new JsonObject { ["tokens"] = Text.Tokens((await call.BodyAsync())["content"]?.ToString() ?? "") }));
            return site;
        }

        private static IReadOnlyList<string> Keys(ParsedFlags flags)
        {
            if (flags.Text("--api-key-file") is { } file)
                return File.Exists(file) ? File.ReadAllLines(file) : throw new Exit(1, $"error while handling argument \"--api-key-file\": failed to open file '{file}'");
            return (flags.Text("--api-key") ?? Stage.Variable("LLAMA_API_KEY"))?.Split(',') ?? [];
        }

        private async Task<bool> GateAsync(Call call)
        {
            if (call.Path is "/health" or "/v1/health") return true;
            if (_keys.Count > 0 && (call.Key("X-Api-Key") is not { } key || !_keys.Contains(key)))
            {
                await RefuseAsync(call, 401, "Invalid API Key", "authentication_error");
                return false;
            }

            if (Loaded) return true;
            await RefuseAsync(call, 503, "Loading model", "unavailable_error");
            return false;
        }

        private Task HealthAsync(Call call) =>
            Loaded ? call.SendAsync(200, new JsonObject { ["status"] = "ok" }) : RefuseAsync(call, 503, "Loading model", "unavailable_error");

        private Task MetricsAsync(Call call) => !flags.Has("--metrics")
            ? RefuseAsync(call, 501, "This server does not support metrics endpoint. Start it with `--metrics`", "not_supported_error")
            : call.SendAsync(200, $"""
                # TYPE llamacpp:prompt_tokens_total counter
                llamacpp:prompt_tokens_total {_tally.Prompt}
                # TYPE llamacpp:tokens_predicted_total counter
                llamacpp:tokens_predicted_total {_tally.Generated}
                # TYPE llamacpp:requests_processing gauge
                llamacpp:requests_processing {_tally.Running}
                # TYPE llamacpp:requests_deferred gauge
                llamacpp:requests_deferred 0

                """, "text/plain; version=0.0.4");

        private static Task RefuseAsync(Call call, Trouble trouble, string words) => trouble switch
        {
            Trouble.TooLong => call.SendAsync(400, new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["code"] = 400, ["message"] = "the request exceeds the available context size", ["type"] = "exceed_context_size_error",
                    ["n_prompt_tokens"] = int.Parse(words.Split('/')[0], null), ["n_ctx"] = int.Parse(words.Split('/')[1], null),
                },
            }),
            Trouble.BadRequest => RefuseAsync(call, 400, words, "invalid_request_error"),
            _ => RefuseAsync(call, 500, words, "server_error"),
        };

        private static Task RefuseAsync(Call call, int status, string words, string type) =>
            call.SendAsync(status, new JsonObject { ["error"] = new JsonObject { ["code"] = status, ["message"] = words, ["type"] = type } });
    }
}
