using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>mlx_lm.server: its health is good before and after everything; a taken port leaves it alive and deaf.</summary>
internal static class Mlx
{
    private const string Table = """
        -h|--help --model=S --adapter-path=S --host=S --port=I --allowed-origins=S --draft-model=S --num-draft-tokens=I --trust-remote-code
        --log-level=DEBUG|INFO|WARNING|ERROR|CRITICAL --chat-template=S --use-default-chat-template --temp=F --top-p=F --top-k=I --min-p=F --max-tokens=I
        --chat-template-args=S --decode-concurrency=I --prompt-concurrency=I --prefill-step-size=I --prompt-cache-size=I --prompt-cache-bytes=S --pipeline
        """;

    public static async Task<int> RunAsync(Stage stage)
    {
        if (stage.Arguments is ["--version"])
        {
            Stage.Say(stage.Version);
            return 0;
        }

        var flags = stage.Parse(FlagStyle.Argparse, "mlx_lm.server", Table);
        var (host, port) = (flags.Text("--host", "127.0.0.1"), flags.Int("--port", 8080));
        var state = new State(stage, flags.Text("--model"));
        var loading = state.LoadAsync();
        var site = state.Site();
        if (!await site.TryListenAsync(host, port))
        {
            // the thread that generates is no daemon: the process lives on and holds its memory
            Stage.Log("OSError: [Errno 98] Address already in use");
            await loading;
            return await Stage.ServeAsync(site, Stopping.AtOnce);
        }

        Stage.Log($"INFO - Starting httpd at {host} on port {port}...");
        return await Stage.ServeAsync(site, Stopping.AtOnce);
    }

    private sealed class State(Stage stage, string? model)
    {
        private readonly TaskCompletionSource _loaded = new();

        public async Task LoadAsync()
        {
            await Task.Yield();
            await stage.LoadAsync();
            if (model is null || ModelFiles.IsFolder(model)) _loaded.TrySetResult();
            else Stage.Log($"Exception in thread Thread-1 (_generate):\nFileNotFoundError: {model}/config.json"); // requests hang from here on, as with the real one
        }

        public Site Site()
        {
            var api = new OpenAi(
                stage,
                new Manners { Models = () => ["default_model"], Refuse = RefuseAsync, Prepare = PrepareAsync },
                new Tally());
            var site = new Site
            {
                Missing = call => call.SendAsync(404, "Not Found"),
                Unreadable = (call, why) => call.SendAsync(400, new JsonObject { ["error"] = $"Invalid JSON in request body: {why}" }),
            };
            site.Get("/health", call => call.SendAsync(200, new JsonObject { ["status"] = "ok" }));
            site.Get("/v1/models", call => call.SendAsync(200, new JsonObject
            {
                ["object"] = "list", ["data"] = model is null ? [] : new JsonArray(new JsonObject { ["id"] = model, ["object"] = "model", ["created"] = 1_700_000_000 }),
            }));
            foreach (var path in (string[])["/v1/chat/completions", "/chat/completions"]) site.Post(path, call => CheckedAsync(call, api.ChatAsync));
            site.Post("/v1/completions", call => CheckedAsync(call, api.CompletionAsync));
            return site;
        }

        private async Task CheckedAsync(Call call, Func<Call, Task> answer)
        {
            var body = await call.BodyAsync();
            if (call.Header("Content-Length") is null) await call.SendAsync(411, new JsonObject { ["error"] = "Content-Length header is required" });
            else if (body["model"]?.ToString() is { } asked && asked != "default_model" && asked != model)
                await call.SendAsync(404, new JsonObject { ["error"] = $"Repository Not Found: {asked}" }); // the real one would try to download it
            else if (body["max_tokens"] is JsonValue most && most.TryGetValue<int>(out var number) && number < 0) call.Break();
            else await answer(call);
        }

        private async Task<string?> PrepareAsync(string asked)
        {
            await _loaded.Task;
            return null;
        }

        private static Task RefuseAsync(Call call, Trouble trouble, string words) => call.SendAsync(404, new JsonObject { ["error"] = words });
    }
}
