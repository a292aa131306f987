using System.Globalization;
using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>KoboldCpp: opens its port after the model is loaded, and ends with 0 where the port is taken. Answers Ollama's paths too.</summary>
internal static class Kobold
{
    private const string Table = """
        -h|--help --version --model=N --model_param=S --port=I --port_param=I --host=S --launch --config=S --exportconfig=S --threads=I --usecuda=O
        --usecublas=O --usevulkan=O --usecpu --contextsize=I --gpulayers=I --tensor_split=N --ropeconfig=N --batchsize=I --blasbatchsize=I
        --blasthreads=I --lora=N --noshift --nofastforward --usemmap --usemlock --noavx2 --failsafe --debugmode=O --onready=S --benchmark=O --prompt=S
        --promptlimit=I --multiuser=O --multiplayer --websearch --remotetunnel --highpriority --foreground --preloadstory=S --savedatafile=S --quiet
        --ssl=N --nocertify --mmproj=S --password=S --ratelimit=I --ignoremissing --chatcompletionsadapter=S --jinja --flashattention --quantkv=I
        --unpack=S --showgui --skiplauncher --singleinstance --admin --admindir=S --adminpassword=S --routermode --autoswapmode --adminunloadtimeout=I
        --baseconfig=S --embeddingsmodel=S --parallelrequests=I --reqtimeout=I --defaultgenamt=I --genlimit=I --maxrequestsize=I --smartcache=O
        --sdmodel=S --whispermodel=S --ttsmodel=S
        """;

    public static async Task<int> RunAsync(Stage stage)
    {
        var flags = stage.Parse(FlagStyle.Argparse, "koboldcpp.py", Table);
        if (flags.Has("--version"))
        {
            Stage.Say(stage.Version);
            return 0;
        }

        if (flags.Text("--config") is { } config) ReadConfig(flags, config);
        Stage.Say($"***\nWelcome to KoboldCpp - Version {stage.Version}");
        var model = flags.Text("--model") ?? flags.Text("--model_param") ?? (flags.Positionals.Count > 0 ? flags.Positionals[0] : null);
        if (model is null) throw new Exit(2, "No ggml model or kcpps file was selected. Exiting.");
        if (!File.Exists(model)) throw new Exit(2, $"Cannot find text model file: {model}");
        await stage.LoadAsync();
        if (!ModelFiles.IsGguf(model)) throw new Exit(3, "Load Text Model OK: False\nCould not load text model: " + model);
        Stage.Say("Load Text Model OK: True");

        var (host, port) = (flags.Text("--host", ""), flags.Int("--port", flags.Int("--port_param", 5001)));
        var site = new State(stage, flags, model).Site();
        if (!await site.TryListenAsync(host, port))
        {
            Stage.Say("ERROR: Both IPv4 and IPv6 cannot bind to the port");
            return 0; // the real one does so
        }

        if (host is "127.0.0.1") Stage.Say("IPv6 Socket Failed to Bind. IPv6 will be unavailable.");
        Stage.Say($"Please connect to custom endpoint at http://{(host.Length == 0 ? "localhost" : host)}:{port}");
        return await Stage.ServeAsync(site, Stopping.AtOnce);
    }

    private static void ReadConfig(ParsedFlags flags, string file)
    {
        if (!File.Exists(file) || JsonNode.Parse(File.ReadAllText(file)) is not JsonObject config) throw new Exit(2, $"Error: The selected config file is invalid: {file}");
        foreach (var (name, value) in config)
            if (value is not null && value.ToString() is not ("false" or ""))
                flags.AddUnlessThere($"--{name}", value is JsonArray ? "true" : Convert.ToString(value.ToString(), CultureInfo.InvariantCulture));
    }

    private sealed class State(Stage stage, ParsedFlags flags, string path)
    {
        private readonly Tally _tally = new();
        private readonly string _model = $"koboldcpp/{ModelFiles.Name(path)}";
        private readonly string? _password = flags.Text("--password") ?? Stage.Variable("KCPP_PASSWORD");

        private int Context => flags.Int("--contextsize", 12288);

        public Site Site()
        {
            var manners = new Manners { Models = () => [_model], Refuse = RefuseAsync };
            var api = new OpenAi(stage, manners, _tally);
            var site = new Site { Gate = GateAsync, Unreadable = (call, why) => call.SendAsync(500, new JsonObject { ["detail"] = new JsonObject { ["msg"] = why, ["type"] = "bad_input" } }) };
            Say(site, "/ping", new() { ["status"] = "healthy" });
            Say(site, "/api/v1/model", new() { ["result"] = _model });
            Say(site, "/api/v1/info/version", new() { ["result"] = "1.2.5" });
            Say(site, "/api/v1/config/max_context_length", new() { ["value"] = Context });
            Say(site, "/api/v1/config/max_length", new() { ["value"] = 896 });
            Say(site, "/api/extra/true_max_context_length", new() { ["value"] = Context });
            Say(site, "/api/extra/version", new()
            {
                ["result"] = "KoboldCpp", ["version"] = stage.Version, ["protected"] = _password is not null, ["llm"] = true, ["txt2img"] = flags.Has("--sdmodel"), ["vision"] = false,
                ["transcribe"] = flags.Has("--whispermodel"), ["tts"] = flags.Has("--ttsmodel"),
                ["embeddings"] = flags.Has("--embeddingsmodel"), ["admin"] = flags.Has("--admin") ? 1 : 0,
            });
            Say(site, "/api/version", new() { ["version"] = "0.7.0" });
            Say(site, "/api/tags", new() { ["models"] = new JsonArray(new JsonObject { ["name"] = _model }) });
            site.Get("/api/extra/perf", call => call.SendAsync(200, new JsonObject
            {
                ["last_process"] = 0.01, ["last_eval"] = 0.01, ["total_gens"] = _tally.Requests, ["queue"] = 0, ["idle"] = _tally.Running == 0 ? 1 : 0,
            }));
            site.Get("/", call => call.SendAsync(200, "<!doctype html><title>KoboldAI Lite</title>", "text/html"));
            site.Get("/v1/models", api.Models("koboldcpp"));
            site.Post("/v1/chat/completions", api.ChatAsync);
            site.Post("/v1/completions", api.CompletionAsync);
            if (flags.Has("--embeddingsmodel")) site.Post("/v1/embeddings", api.EmbeddingsAsync);
            var media = new Media(stage, manners, (_, _) => null);
            if (flags.Has("--sdmodel")) site.Post("/v1/images/generations", call => media.ImagesAsync(call, asAddress: false));
            if (flags.Has("--whispermodel")) site.Post("/v1/audio/transcriptions", call => media.TranscribeAsync(call, streams: false));
            if (flags.Has("--ttsmodel")) site.Post("/v1/audio/speech", media.SpeechAsync);
            site.Post("/api/v1/generate", GenerateAsync);
            foreach (var count in (string[])["/api/extra/tokencount", "/api/extra/tokenize"])
                site.Post(count, async call =>
                {
                    var prompt = (await call.BodyAsync())["prompt"]?.ToString() ?? "";
                    await call.SendAsync(200, new JsonObject { ["value"] = Text.Count(prompt), ["ids"] = Text.Tokens(prompt) });
                });
            site.Post("/api/extra/abort", call => call.SendAsync(200, new JsonObject { ["success"] = "true", ["done"] = "true" }));
            return site;
        }

        private static void Say(Site site, string path, JsonObject answer) => site.Get(path, call => call.SendAsync(200, answer.ToJsonString(), "application/json"));

        private async Task GenerateAsync(Call call)
        {
            var ask = Ask.OfCompletion(await call.BodyAsync());
            stage.Faults.Generation(Knobs.Read());
            var pieces = Text.Pieces(stage.Answer(_model, ask.LastWords)).Take(ask.MaxTokens ?? 200).ToArray();
            _tally.Add(ask.PromptTokens, pieces.Length);
            await call.SendAsync(200, new JsonObject
            {
                ["results"] = new JsonArray(new JsonObject
                {
                    ["text"] = string.Concat(pieces), ["finish_reason"] = "stop", ["prompt_tokens"] = ask.PromptTokens, ["completion_tokens"] = pieces.Length,
                }),
            });
        }

        private async Task<bool> GateAsync(Call call)
        {
            // what it tells of itself is open, and so is the list of models
            if (_password is null || call.Method == "GET" || call.Key() == _password) return true;
            await call.SendAsync(401, new JsonObject { ["detail"] = new JsonObject { ["error"] = "Unauthorized", ["msg"] = "Authentication key is missing or invalid.", ["type"] = "unauthorized" } });
            return false;
        }

        private static Task RefuseAsync(Call call, Trouble trouble, string words) => trouble is Trouble.NotReady
            ? call.SendAsync(503, new JsonObject { ["detail"] = new JsonObject { ["msg"] = "Server is busy; please try again later.", ["type"] = "service_unavailable" } })
            : call.SendAsync(500, new JsonObject { ["detail"] = new JsonObject { ["msg"] = words, ["type"] = "bad_input" } });
    }
}
