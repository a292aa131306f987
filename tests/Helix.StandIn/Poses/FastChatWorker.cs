using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>The second of FastChat's three processes: loads the model before it listens, then tells the controller.</summary>
internal static class FastChatWorker
{
    private const string Table = """
        -h|--help --host=S --port=I --worker-address=S --controller-address=S --model-path=S --revision=S --device=cpu|cuda|mps|xpu|npu --gpus=S --num-gpus=I
        --max-gpu-memory=S --dtype=float32|float16|bfloat16 --load-8bit --cpu-offloading --model-names=S --conv-template=S --embed-in-truncate
        --limit-worker-concurrency=I --stream-interval=I --no-register --seed=I --debug --ssl
        """;

    public static async Task<int> RunAsync(Stage stage)
    {
        var flags = stage.Parse(FlagStyle.Argparse, "model_worker.py", Table);
        var path = flags.Text("--model-path", "lmsys/vicuna-7b-v1.5");
        if (!ModelFiles.IsFolder(path)) throw new Exit(1, $"OSError: {path} is not a local folder and is not a valid model identifier");
        var model = flags.Text("--model-names") ?? ModelFiles.Name(path);
        await stage.LoadAsync();
        var address = flags.Text("--worker-address", "http://localhost:21002");
        var site = Site(stage, model);
        var (host, port) = (flags.Text("--host", "localhost"), flags.Int("--port", 21002));
        if (!await site.TryListenAsync(host, port)) throw new Exit(1, $"ERROR:    [Errno 98] error while attempting to bind on address ('{host}', {port}): address already in use");
        if (!flags.Has("--no-register")) await RegisterAsync(flags.Text("--controller-address", "http://localhost:21001"), address, model);
        Stage.Log($"INFO:     Uvicorn running on http://{host}:{port} (Press CTRL+C to quit)");
        return await Stage.ServeAsync(site, Stopping.Drain);
    }

    private static async Task RegisterAsync(string controller, string address, string model)
    {
        Stage.Log("INFO | model_worker | Register to controller");
        var body = new JsonObject
        {
            ["worker_name"] = address, ["check_heart_beat"] = true, ["multimodal"] = false,
            ["worker_status"] = new JsonObject { ["model_names"] = new JsonArray(model), ["speed"] = 1, ["queue_length"] = 0 },
        };
        if (await FastChat.PostAsync(controller, "/register_worker", body, CancellationToken.None) is null)
            throw new Exit(1, $"requests.exceptions.ConnectionError: {controller}/register_worker: Connection refused");
    }

    private static Site Site(Stage stage, string model)
    {
        var site = new Site();
        site.Post("/worker_get_status", call => call.SendAsync(200, new JsonObject { ["model_names"] = new JsonArray(model), ["speed"] = 1, ["queue_length"] = 0 }));
        site.Post("/model_details", call => call.SendAsync(200, new JsonObject { ["context_length"] = 2048 }));
        site.Post("/count_token", async call => await call.SendAsync(200, new JsonObject { ["count"] = Text.Count((await call.BodyAsync())["prompt"]?.ToString() ?? ""), ["error_code"] = 0 }));
        site.Post("/worker_generate", async call =>
        {
            var knobs = Knobs.Read();
            stage.Faults.Generation(knobs);
            if (knobs.Wedge) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Gone);
            var text = stage.Answer(model, (await call.BodyAsync())["prompt"]?.ToString() ?? "");
            await call.SendAsync(200, new JsonObject { ["text"] = text, ["error_code"] = 0 });
        });
        return site;
    }
}
