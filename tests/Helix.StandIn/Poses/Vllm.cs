using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>vLLM: refuses connections until the engine is ready; a wrong key gets a string where others send an object.</summary>
internal static class Vllm
{
    private const string Table = """
        -h|--help -v|--version --config=S --host=S --port=I --uds=S --served-model-name=N --tokenizer=S --hf-config-path=S --load-format=S
        --dtype=auto|half|float16|bfloat16|float|float32 -q|--quantization=S --trust-remote-code --max-model-len=S --max-num-seqs=I
        --max-num-batched-tokens=I --gpu-memory-utilization=F --kv-cache-memory-bytes=S --cpu-offload-gb=F --kv-offloading-size=F --kv-cache-dtype=S
        -tp|--tensor-parallel-size=I -pp|--pipeline-parallel-size=I -dp|--data-parallel-size=I --device-ids=S --api-key=N --enforce-eager
        -O|--optimization-level=S --enable-auto-tool-choice --tool-call-parser=S --reasoning-parser=S --log-config-file=S --disable-uvicorn-access-log
        --disable-access-log-for-endpoints=S --generation-config=S --shutdown-timeout=F --disable-fastapi-docs --enable-request-id-headers
        --enable-server-load-tracking --enable-sleep-mode --enable-force-include-usage --chat-template=S --seed=I --model=S --runner=S --convert=S
        --enable-prefix-caching --no-enable-prefix-caching --block-size=I --swap-space=F --download-dir=S --allowed-origins=S --root-path=S
        --uvicorn-log-level=S --revision=S --skip-tokenizer-init --disable-log-stats --api-server-count=I --enable-lora --lora-modules=N
        --enable-log-requests --no-enable-log-requests --max-log-len=I --enable-chunked-prefill --no-enable-chunked-prefill --max-cudagraph-capture-size=I
        """;

    public static async Task<int> RunAsync(Stage stage)
    {
        if (stage.Arguments is ["--version"] or ["-v"])
        {
            Stage.Say(stage.Version);
            return 0;
        }

        if (stage.Arguments is not ["serve", ..]) throw new Exit(2, "usage: vllm [-h] [-v] {chat,complete,serve,launch,bench,collect-env,run-batch} ...");
        var flags = stage.Parse(FlagStyle.Argparse, "vllm", Table, skip: 1);
        if (flags.Text("--config") is { } config) ConfigLines.Into(flags, config);
        var model = flags.Positionals.Count > 0 ? flags.Positionals[0] : flags.Text("--model") ?? "Qwen/Qwen3-0.6B";
        var (host, port) = (flags.Text("--uds") ?? flags.Text("--host", "0.0.0.0"), flags.Int("--port", 8000));
        Log("INFO", $"[api_server.py:1200] vLLM API server version {stage.Version}");
        if (!host.StartsWith('/') && !Listening.IsFree(host, port)) throw new Exit(1, "OSError: [Errno 98] Address already in use");
        if (!ModelFiles.IsFolder(model) && !ModelFiles.IsGguf(model)) throw new Exit(1, $"OSError: {model} is not a local folder and is not a valid model identifier");
        await stage.LoadAsync();
        var site = new State(stage, flags, model).Site();
        if (!await site.TryListenAsync(host, port)) throw new Exit(1, "OSError: [Errno 98] Address already in use");
        Log("INFO", $"[api_server.py:548] Starting vLLM server on http://{host}:{port}");
        Stage.Log("INFO:     Application startup complete.");
        return await Stage.ServeAsync(site, flags.Has("--shutdown-timeout") ? Stopping.Drain : Stopping.Abort);
    }

    private static void Log(string level, string words) => Stage.Log($"(APIServer pid={Stage.Pid}) {level} 01-01 00:00:00 {words}");

    private sealed class State(Stage stage, ParsedFlags flags, string path)
    {
        private readonly Tally _tally = new();
        private readonly int? _context = int.TryParse(flags.Text("--max-model-len"), out var length) && length > 0 ? length : null;
        private readonly IReadOnlyList<string> _names = flags.All("--served-model-name") is { Count: > 0 } names ? names : [path];
        private readonly IReadOnlyList<string> _keys = flags.Has("--api-key") ? flags.All("--api-key") : Stage.Variable("VLLM_API_KEY") is { } key ? [key] : [];

        public Site Site()
        {
            var manners = new Manners
            {
                Models = () => _names, Refuse = RefuseAsync, ChecksModel = true, Context = _context, Fingerprint = $"vllm-{stage.Version}-standin",
                StreamUsage = flags.Has("--enable-force-include-usage") ? StreamUsage.Always : StreamUsage.WhenAsked,
                Begun = Begun.Told,
            };
            var api = new OpenAi(stage, manners, _tally);
            var site = new Site { Gate = GateAsync, Unreadable = (call, why) => RefuseAsync(call, Trouble.BadRequest, why) };
            site.Get("/health", call => call.SendAsync(Knobs.Read().Sick ? 503 : 200, ""));
            site.Get("/ping", call => call.SendAsync(200, ""));
            site.Get("/version", call => call.SendAsync(200, new JsonObject { ["version"] = stage.Version }));
            site.Get("/metrics", MetricsAsync);
            site.Get("/v1/models", api.Models("vllm", card =>
            {
                card["root"] = path;
                card["max_model_len"] = _context ?? 40960;
            }));
            site.Post("/v1/chat/completions", api.ChatAsync);
            site.Post("/v1/completions", api.CompletionAsync);
            site.Post("/v1/embeddings", api.EmbeddingsAsync);
            var media = new Media(stage, manners, (_, _) => null);
            if (Is("ForSequenceClassification"))
                foreach (var ranking in (string[])["/v1/rerank", "/v2/rerank", "/rerank"]) site.Post(ranking, call => media.RerankAsync(call, withTexts: true));
            if (Is("Whisper"))
                foreach (var hearing in (string[])["/v1/audio/transcriptions", "/v1/audio/translations"]) site.Post(hearing, call => media.TranscribeAsync(call, streams: true));
            site.Post("/tokenize", async call =>
            {
                var prompt = (await call.BodyAsync())["prompt"]?.ToString() ?? "";
                await call.SendAsync(200, new JsonObject { ["count"] = Text.Count(prompt), ["max_model_len"] = _context ?? 40960, ["tokens"] = Text.Tokens(prompt) });
            });
            if (flags.Has("--enable-server-load-tracking")) site.Get("/load", call => call.SendAsync(200, new JsonObject { ["server_load"] = _tally.Running }));
            return site;
        }

        /// <summary>It has the routes of what its model is made for.</summary>
        private bool Is(string architecture) => ModelFiles.IsFolder(path) && File.ReadAllText(Path.Combine(path, "config.json")).Contains(architecture, StringComparison.Ordinal);

        // only these prefixes are guarded by the real one as well
        private async Task<bool> GateAsync(Call call)
        {
            var guarded = _keys.Count > 0 && ((string[])["/v1", "/v2", "/inference", "/cohere"]).Any(prefix => call.Path.StartsWith(prefix, StringComparison.Ordinal));
            if (!guarded || (call.Key() is { } key && _keys.Contains(key))) return true;
            await call.SendAsync(401, new JsonObject { ["error"] = "Unauthorized" });
            return false;
        }

        private Task MetricsAsync(Call call)
        {
            var labels = $$"""{engine="0",model_name="{{_names[0]}}"}""";
            return call.SendAsync(200, $"""
                # TYPE vllm:num_requests_running gauge
                vllm:num_requests_running{labels} {_tally.Running}.0
                # TYPE vllm:num_requests_waiting gauge
                vllm:num_requests_waiting{labels} 0.0
                # TYPE vllm:kv_cache_usage_perc gauge
                vllm:kv_cache_usage_perc{labels} 0.0
                # TYPE vllm:prompt_tokens_total counter
                vllm:prompt_tokens_total{labels} {_tally.Prompt}.0
                # TYPE vllm:generation_tokens_total counter
                vllm:generation_tokens_total{labels} {_tally.Generated}.0

                """, "text/plain; version=0.0.4; charset=utf-8");
        }

        private Task RefuseAsync(Call call, Trouble trouble, string words) => trouble switch
        {
            Trouble.UnknownModel => RefuseAsync(call, 404, $"The model `{words}` does not exist.", "NotFoundError", "model"),
            Trouble.TooLong => RefuseAsync(call, 400, $"This model's maximum context length is {_context} tokens. However, your request has {words.Split('/')[0]} input tokens.", "BadRequestError"),
            Trouble.BadRequest => RefuseAsync(call, 400, words, "BadRequestError"),
            _ => RefuseAsync(call, 500, words, "InternalServerError"),
        };

        private static Task RefuseAsync(Call call, int status, string words, string type, string? param = null) =>
            call.SendAsync(status, new JsonObject { ["error"] = new JsonObject { ["message"] = words, ["type"] = type, ["param"] = param, ["code"] = status } });
    }
}
