using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>mistral.rs: takes its port only after the model is loaded, knows no keys, and dies at once on SIGTERM.</summary>
internal static class MistralRs
{
    private const string Table = """
        -v|--verbose -h|--help --log=S --token-source=S --seed=I -m|--model-id=S -t|--tokenizer=S -a|--arch=S --dtype=S --format=plain|gguf|ggml
        -f|--quantized-file=S --tok-model-id=S --gqa=I --lora=S --xlora=S --xlora-order=S --quant=S --isq=S --from-uqff=S --isq-organization=S --imatrix=S
        --calibration-file=S --cpu -n|--device-layers=S --topology=S --hf-cache=S --max-seq-len=I --max-batch-size=I --paged-attn=auto|on|off
        --pa-context-len=I --pa-memory-mb=I --pa-memory-fraction=F --pa-block-size=I --pa-cache-type=S --max-edge=I --max-num-images=I --mmproj=S
        -p|--port=I --host=S --no-ui --mcp-port=I --max-tool-rounds=I --tool-dispatch-url=S --disable-access-log --access-log-format=text|json
        --access-log-health --disable-request-id-header --disable-metrics --max-seqs=I --max-num-batched-tokens=I --max-decode-steps-before-prefill=I
        --no-kv-cache --prefix-cache-n=I -c|--chat-template=S -j|--jinja-explicit=S --mtp-model=S --mtp-n-predict=I --mcp-config=S
        --agent --enable-search --enable-code-execution --enable-shell --skills-dir=S --sandbox=auto|on|off
        """;

    public static async Task<int> RunAsync(Stage stage)
    {
        if (stage.Arguments is ["--version"] or ["-V"])
        {
            Stage.Say($"mistralrs {stage.Version}");
            return 0;
        }

        if (stage.Arguments is not ["serve", ..]) throw new Exit(2, $"error: unrecognized subcommand '{string.Join(' ', stage.Arguments)}'\n\nUsage: mistralrs [OPTIONS] <COMMAND>");
        var flags = stage.Parse(FlagStyle.Clap, "mistralrs serve", Table, skip: 1);
        if (((string[])["--pa-context-len", "--pa-memory-mb", "--pa-memory-fraction"]).Count(flags.Has) > 1)
            throw new Exit(2, "error: the argument '--pa-context-len' cannot be used with '--pa-memory-fraction'");
        var model = Model(flags);
        await stage.LoadAsync();
        var (host, port) = (flags.Text("--host", "0.0.0.0"), flags.Int("--port", 1234));
        var site = Site(stage, flags, model);
        if (!await site.TryListenAsync(host, port)) throw new Exit(1, "Error: Address already in use (os error 98)");
        Stage.Say($"2026-01-01T00:00:00.000000Z  INFO mistralrs_cli::commands::serve: Server listening on http://{host}:{port}");
        return await Stage.ServeAsync(site, Stopping.AtOnce);
    }

    private static string Model(ParsedFlags flags)
    {
        if (flags.Text("--quantized-file") is { } file)
        {
            var path = Path.IsPathRooted(file) || flags.Text("--model-id") is not { } folder ? file : Path.Combine(folder, file);
            return ModelFiles.IsGguf(path) ? path : throw new Exit(1, $"Error: Could not get file \"{path}\": invalid GGUF or no such file");
        }

        var model = flags.Text("--model-id")
            ?? throw new Exit(2, "error: the following required arguments were not provided:\n  --model-id <MODEL_ID>\n\nUsage: mistralrs serve --model-id <MODEL_ID>");
        return ModelFiles.IsFolder(model) ? model : throw new Exit(1, $"Error: Could not get file \"config.json\" for model id \"{model}\"");
    }

    private static Site Site(Stage stage, ParsedFlags flags, string model)
    {
        var tally = new Tally();
        var manners = new Manners
        {
            Models = () => ["default", model], Refuse = RefuseAsync, ChecksModel = true, StreamUsage = StreamUsage.Always,
            Usage = usage => (usage["avg_tok_per_sec"], usage["avg_prompt_tok_per_sec"]) = (100.0, 1000.0),
        };
        var api = new OpenAi(stage, manners, tally);
        var site = new Site { Unreadable = (call, why) => RefuseAsync(call, 422, why), Missing = call => call.SendAsync(404, "") };
        site.Get("/health", call => call.SendAsync(200, "OK"));
        site.Get("/", call => call.SendAsync(200, "OK"));
        site.Get("/v1/models", api.Models("local", card => card["status"] = "loaded"));
        site.Get("/v1/system/info", call => call.SendAsync(200, new JsonObject { ["version"] = stage.Version }));
        site.Post("/v1/chat/completions", api.ChatAsync);
        site.Post("/v1/completions", api.CompletionAsync);
        site.Post("/v1/embeddings", api.EmbeddingsAsync);
        var media = new Media(stage, manners, (_, _) => null);
        if (flags.Text("--arch") is "flux") site.Post("/v1/images/generations", call => media.ImagesAsync(call, asAddress: true));
        if (flags.Text("--arch") is "dia") site.Post("/v1/audio/speech", media.SpeechAsync);
        site.Get("/metrics", call => flags.Has("--disable-metrics") ? call.SendAsync(503, "") : call.SendAsync(200, $"""
            # TYPE mistralrs_sequences_running gauge
            mistralrs_sequences_running {tally.Running}
            # TYPE mistralrs_sequences_waiting gauge
            mistralrs_sequences_waiting 0
            # TYPE mistralrs_kv_cache_blocks_used gauge
            mistralrs_kv_cache_blocks_used 0
            # TYPE mistralrs_kv_cache_blocks_total gauge
            mistralrs_kv_cache_blocks_total 512
            # TYPE mistralrs_tokens_processed_total counter
            mistralrs_tokens_processed_total {tally.Prompt + tally.Generated}

            """, "text/plain; version=0.0.4"));
        return site;
    }

    private static Task RefuseAsync(Call call, Trouble trouble, string words) => trouble switch
    {
        Trouble.UnknownModel => RefuseAsync(call, 500, $"Model `{words}` not found."),
        Trouble.BadRequest => RefuseAsync(call, 422, words),
        _ => RefuseAsync(call, 500, words),
    };

    private static Task RefuseAsync(Call call, int status, string words) => call.SendAsync(status, new JsonObject { ["message"] = words });
}
