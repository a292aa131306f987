using System.Text.Json.Nodes;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>Ollama, as one that runs already and is found: its list, its version, its chat in lines of JSON and in the OpenAI dialect.</summary>
internal static class Ollama
{
    public static async Task<int> RunAsync(Stage stage)
    {
        if (stage.Arguments is ["--version"] or ["-v"])
        {
            Stage.Say($"ollama version is {stage.Version}");
            return 0;
        }

        if (stage.Arguments is not ["serve"]) throw new Exit(1, $"Error: unknown command \"{string.Join(' ', stage.Arguments)}\" for \"ollama\"");
        var address = Stage.Variable("OLLAMA_HOST") ?? "127.0.0.1:11434";
        var colon = address.LastIndexOf(':');
        var (host, port) = colon < 0 ? (address, 11434) : (address[..colon], int.Parse(address[(colon + 1)..], null));
        var site = Site(stage, (Stage.Variable("STANDIN_MODELS") ?? "qwen3:0.6b").Split(','));
        await stage.LoadAsync();
        if (!await site.TryListenAsync(host, port)) throw new Exit(1, $"Error: listen tcp {address}: bind: address already in use");
        Stage.Log($"time=2026-01-01T00:00:00.000Z level=INFO source=routes.go:1288 msg=\"Listening on {address} (version {stage.Version})\"");
        return await Stage.ServeAsync(site, Stopping.Drain);
    }

    private static Site Site(Stage stage, string[] models)
    {
        var manners = new Manners { Models = () => models, Refuse = RefuseAsync, ChecksModel = true, Fingerprint = "fp_ollama" };
        var api = new OpenAi(stage, manners, new Tally());
        var site = new Site
        {
            Missing = call => call.SendAsync(404, "404 page not found"),
            Unreadable = (call, why) => call.SendAsync(400, new JsonObject { ["error"] = why }),
        };
        site.Get("/", call => call.SendAsync(200, "Ollama is running"));
        site.Get("/api/version", call => call.SendAsync(200, new JsonObject { ["version"] = stage.Version }));
        site.Get("/api/tags", call => call.SendAsync(200, new JsonObject
        {
            ["models"] = new JsonArray([.. models.Select(name => (JsonNode)new JsonObject { ["name"] = name, ["model"] = name, ["size"] = 1000, ["digest"] = "standin" })]),
        }));
        site.Get("/api/ps", call => call.SendAsync(200, new JsonObject { ["models"] = new JsonArray() }));
        site.Get("/v1/models", api.Models("library"));
        site.Post("/v1/chat/completions", api.ChatAsync);
        site.Post("/v1/completions", api.CompletionAsync);
        site.Post("/v1/embeddings", api.EmbeddingsAsync);
        site.Post("/api/chat", async call =>
        {
            var body = await call.BodyAsync();
            var ask = Ask.OfChat(body);
            await LinesAsync(call, stage.Answer(ask.Model ?? models[0], ask.LastWords), ask.Model ?? models[0], body["stream"]?.GetValue<bool>() ?? true);
        });
        return site;
    }

    private static async Task LinesAsync(Call call, string answer, string model, bool streams)
    {
        if (!streams)
        {
            await call.SendAsync(200, Line(model, answer, done: true));
            return;
        }

        await call.BeginStreamAsync("application/x-ndjson");
        foreach (var piece in Text.Pieces(answer)) await call.WriteAsync(Line(model, piece, done: false).ToJsonString() + "\n");
        await call.WriteAsync(Line(model, "", done: true).ToJsonString() + "\n");
    }

    private static JsonObject Line(string model, string words, bool done) => new()
    {
        ["model"] = model, ["created_at"] = "2026-01-01T00:00:00Z", ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = words }, ["done"] = done,
    };

    private static Task RefuseAsync(Call call, Trouble trouble, string words) => trouble is Trouble.UnknownModel
        ? Send(call, 404, $"model \"{words}\" not found, try pulling it first", "not_found_error")
        : Send(call, trouble is Trouble.BadRequest ? 400 : 500, words, "api_error");

    private static Task Send(Call call, int status, string words, string type) =>
        call.SendAsync(status, new JsonObject { ["error"] = new JsonObject { ["message"] = words, ["type"] = type, ["param"] = null, ["code"] = null } });
}
