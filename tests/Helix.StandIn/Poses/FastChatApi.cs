using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>The third of FastChat's three processes: asks the controller for a worker and the worker for words. Its errors are flat.</summary>
internal static class FastChatApi
{
    private const string Table = """
        -h|--help --host=S --port=I --controller-address=S --allow-credentials --allowed-origins=S --allowed-methods=S --allowed-headers=S --api-keys=S --ssl
        """;

    public static async Task<int> RunAsync(Stage stage)
    {
        var flags = stage.Parse(FlagStyle.Argparse, "openai_api_server.py", Table);
        await stage.LoadAsync();
        var site = new State(stage, flags.Text("--controller-address", "http://localhost:21001"), flags.Text("--api-keys")?.Split(',') ?? []).Site();
        return await FastChat.ServeAsync(site, flags, 8000);
    }

    private sealed class State(Stage stage, string controller, string[] keys)
    {
        private IReadOnlyList<string> _models = [];

        public Site Site()
        {
            var manners = new Manners { Models = () => _models, Refuse = RefuseAsync, ChecksModel = true, StreamUsage = StreamUsage.Never, Context = 2048, Speaker = SpeakAsync };
            var api = new OpenAi(stage, manners, new Tally());
            var site = new Site { Gate = GateAsync, Unreadable = (call, why) => RefuseAsync(call, 400, why, 40001) };
            site.Get("/v1/models", api.Models("fastchat"));
            site.Post("/v1/chat/completions", api.ChatAsync);
            site.Post("/v1/completions", api.CompletionAsync);
            site.Post("/v1/embeddings", api.EmbeddingsAsync);
            return site;
        }

        private async Task<bool> GateAsync(Call call)
        {
            if (keys.Length > 0 && (call.Key() is not { } key || !keys.Contains(key)))
            {
                await call.SendAsync(401, new JsonObject
                {
                    ["detail"] = new JsonObject { ["error"] = new JsonObject { ["message"] = "", ["type"] = "invalid_request_error", ["param"] = null, ["code"] = "invalid_api_key" } },
                });
                return false;
            }

            if (call.Path == "/v1/models" && await FastChat.PostAsync(controller, "/refresh_all_workers", [], call.Gone) is null || await ListAsync(call.Gone) is not { } models)
            {
                await call.SendAsync(500, "Internal Server Error"); // no controller
                return false;
            }

            _models = models;
            return true;
        }

        private async Task<IReadOnlyList<string>?> ListAsync(CancellationToken gone) =>
            await FastChat.PostAsync(controller, "/list_models", [], gone) is { } list ? [.. JsonNode.Parse(list)!["models"]!.AsArray().Select(name => name!.ToString())] : null;

        private async Task<string> SpeakAsync(Ask ask, string model, CancellationToken gone)
        {
            var found = await FastChat.PostAsync(controller, "/get_worker_address", new() { ["model"] = model }, gone);
            var worker = JsonNode.Parse(found ?? "{}")?["address"]?.ToString() ?? "";
            var answer = await FastChat.PostAsync(worker, "/worker_generate", new() { ["model"] = model, ["prompt"] = ask.LastWords }, gone);
            return answer is null ? throw new IOException("the worker has gone") : JsonNode.Parse(answer)!["text"]!.ToString();
        }

        private static Task RefuseAsync(Call call, Trouble trouble, string words) => trouble switch
        {
            Trouble.UnknownModel => RefuseAsync(call, 400, $"Only  allowed now, your model {words}", 40301),
            Trouble.TooLong => RefuseAsync(call, 400, "This model's maximum context length is 2048 tokens.", 40303),
            Trouble.NotReady => RefuseAsync(call, 400, "No available worker", 50005),
            _ => RefuseAsync(call, 400, words, 50001),
        };

        private static Task RefuseAsync(Call call, int status, string words, int code) =>
            call.SendAsync(status, new JsonObject { ["object"] = "error", ["message"] = words, ["code"] = code });
    }
}
