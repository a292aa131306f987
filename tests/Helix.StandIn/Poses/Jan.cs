using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>Jan's desktop application with its server switched on: a key is always needed. The flags are the stand-in's own; the real one has a window.</summary>
internal static class Jan
{
    public static async Task<int> RunAsync(Stage stage)
    {
        var flags = stage.Parse(FlagStyle.Clap, "jan", "--port=I --api-key=S --model=S");
        var key = flags.Text("--api-key", "jan-key");
        var manners = new Manners { Models = () => flags.All("--model"), Refuse = RefuseAsync, ChecksModel = true };
        var api = new OpenAi(stage, manners, new Tally());
        var site = new Site
        {
            Gate = async call =>
            {
                if (call.Host is not ("localhost" or "127.0.0.1")) await call.SendAsync(403, "Invalid host header");
                else if (call.Path != "/" && call.Path != "/openapi.json" && call.Key("X-Api-Key") != key) await call.SendAsync(401, "Invalid or missing authorization token");
                else return true;
                return false;
            },
            Unreadable = (call, why) => call.SendAsync(400, why),
            Missing = call => call.SendAsync(404, "Not Found"),
        };
        site.Get("/", call => call.SendAsync(200, "<!DOCTYPE html><title>Jan API</title>", "text/html"));
        site.Get("/openapi.json", call => call.SendAsync(200, new JsonObject { ["openapi"] = "3.1.0", ["info"] = new JsonObject { ["title"] = "👋Jan API", ["version"] = stage.Version } }));
        site.Get("/v1/models", api.Models("user"));
        site.Post("/v1/chat/completions", api.ChatAsync);
        site.Post("/v1/completions", api.CompletionAsync);
        site.Post("/v1/embeddings", api.EmbeddingsAsync);
        await stage.LoadAsync();
        var port = flags.Int("--port", 1337);
        if (!await site.TryListenAsync("127.0.0.1", port)) throw new Exit(1, "Address already in use (os error 98)");
        Stage.Log($"JAN API listening at http://127.0.0.1:{port}");
        return await Stage.ServeAsync(site, Stopping.Abort);
    }

    private static Task RefuseAsync(Call call, Trouble trouble, string words) => trouble switch
    {
        Trouble.NotReady => call.SendAsync(503, "No models are available"),
        Trouble.UnknownModel => call.SendAsync(404, $"No running session found for model '{words}'"),
        Trouble.BadRequest => call.SendAsync(400, words),
        _ => call.SendAsync(502, words),
    };
}
