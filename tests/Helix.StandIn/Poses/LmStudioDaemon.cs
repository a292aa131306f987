using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>What lives in the daemon: the loaded models and the HTTP server, which is switched on and off.</summary>
internal sealed class LmStudioDaemon(Stage stage)
{
    private readonly ConcurrentDictionary<string, string> _loaded = new(StringComparer.Ordinal); // identifier -> model key
    private readonly TaskCompletionSource _down = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Site? _server;
    private int _port;

    public Task Down => _down.Task;

    private static string ModelsPath => Path.Combine(Llmster.Root, "models");

    /// <summary>What <c>lms</c> asks for.</summary>
    public Site Control()
    {
        var site = new Site();
        site.Get("/status", call => call.SendAsync(200, new JsonObject
        {
            ["status"] = "running", ["pid"] = Stage.Pid, ["isDaemon"] = true, ["version"] = stage.Version, ["serverRunning"] = _server is not null, ["serverPort"] = _port,
        }));
        site.Get("/loaded", call => call.SendAsync(200, new JsonArray([.. _loaded.Select(model => (JsonNode)new JsonObject { ["identifier"] = model.Key, ["modelKey"] = model.Value })])));
        site.Post("/server/start", StartAsync);
        site.Post("/server/stop", async call =>
        {
            await StopServerAsync();
            await call.SendAsync(200, new JsonObject());
        });
        site.Post("/load", LoadAsync);
        site.Post("/unload", async call =>
        {
            var body = await call.BodyAsync();
            if (body["identifier"]?.ToString() is { } one) _loaded.TryRemove(one, out _);
            else _loaded.Clear();
            await call.SendAsync(200, new JsonObject());
        });
        site.Post("/down", async call =>
        {
            await call.SendAsync(200, new JsonObject());
            _down.TrySetResult();
        });
        return site;
    }

    public async Task StopServerAsync()
    {
        if (_server is { } server) await server.StopAsync(TimeSpan.Zero);
        _server = null;
    }

    /// <summary>The model files there are, by key.</summary>
    public static Dictionary<string, string> Known() => !Directory.Exists(ModelsPath)
        ? []
        : Directory.EnumerateFiles(ModelsPath, "*.gguf", SearchOption.AllDirectories).GroupBy(ModelFiles.Name).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);

    private async Task StartAsync(Call call)
    {
        var body = await call.BodyAsync();
        await StopServerAsync();
        var server = Server();
        _port = body["port"]!.GetValue<int>();
        if (await server.TryListenAsync(body["bind"]!.ToString(), _port)) _server = server;
        await call.SendAsync(_server is null ? 409 : 200, new JsonObject());
    }

    private async Task LoadAsync(Call call)
    {
        var body = await call.BodyAsync();
        var asked = body["model"]!.ToString();
        if (Find(asked) is not { } key)
        {
            await call.SendAsync(404, new JsonObject { ["error"] = $"Cannot find a model matching the provided path ({asked})" });
            return;
        }

        if (!ModelFiles.IsGguf(Known()[key]))
        {
            await call.SendAsync(500, new JsonObject { ["error"] = "Failed to load the model" });
            return;
        }

        await stage.LoadAsync();
        var identifier = body["identifier"]?.ToString() ?? key;
        for (var copy = 2; !_loaded.TryAdd(identifier, key); copy++) identifier = $"{identifier.Split(':')[0]}:{copy}";
        await call.SendAsync(200, new JsonObject { ["instance_id"] = identifier, ["status"] = "loaded", ["type"] = "llm" });
    }

    /// <summary>By key, by file, or by <c>publisher/repository</c>.</summary>
    private static string? Find(string asked) => Known()
        .Where(model => model.Key == asked || model.Value == asked || Path.GetRelativePath(ModelsPath, model.Value).StartsWith(asked, StringComparison.OrdinalIgnoreCase))
        .Select(model => model.Key).Order(StringComparer.Ordinal).FirstOrDefault();

    private Site Server()
    {
        var manners = new Manners { Models = () => [.. _loaded.Keys.Order(StringComparer.Ordinal)], Refuse = RefuseAsync, ChecksModel = true, RefusedFormats = ["json_object"] };
        var api = new OpenAi(stage, manners, new Tally());
        var site = new Site
        {
            // an unknown path gets 200 and an error: look at the body
            Missing = call => call.SendAsync(200, new JsonObject { ["error"] = $"Unexpected endpoint or method. ({call.Method} {call.Path})" }),
            Unreadable = (call, why) => RefuseAsync(call, Trouble.BadRequest, why),
        };
        site.Get("/lmstudio-greeting", call => call.SendAsync(200, new JsonObject { ["lmstudio"] = true }));
        site.Get("/v1/models", api.Models("organization_owner"));
        site.Get("/api/v1/models", call => call.SendAsync(200, new JsonObject
        {
            ["models"] = new JsonArray([.. Known().Keys.Order(StringComparer.Ordinal).Select(key => (JsonNode)new JsonObject
            {
                ["type"] = "llm", ["key"] = key, ["format"] = "gguf",
                ["loaded_instances"] = new JsonArray([.. _loaded.Where(model => model.Value == key).Select(model => (JsonNode)new JsonObject { ["id"] = model.Key })]),
            })]),
        }));
        site.Post("/api/v1/models/load", LoadAsync);
        site.Post("/api/v1/models/unload", async call =>
        {
            var id = (await call.BodyAsync())["instance_id"]?.ToString() ?? "";
            await call.SendAsync(_loaded.TryRemove(id, out _) ? 200 : 404, new JsonObject { ["instance_id"] = id });
        });
        site.Post("/v1/chat/completions", api.ChatAsync);
        site.Post("/v1/completions", api.CompletionAsync);
        site.Post("/v1/embeddings", api.EmbeddingsAsync);
        return site;
    }

    private static Task RefuseAsync(Call call, Trouble trouble, string words)
    {
        var (status, code) = trouble switch
        {
            Trouble.UnknownModel or Trouble.NotReady => (404, "model_not_found"),
            Trouble.BadRequest => (400, null),
            _ => (500, null),
        };
        return call.SendAsync(status, new JsonObject { ["error"] = new JsonObject { ["message"] = words, ["type"] = "invalid_request_error", ["param"] = "model", ["code"] = code } });
    }
}
