using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>The first of FastChat's three processes: knows which worker has which model.</summary>
internal static class FastChatController
{
    public static async Task<int> RunAsync(Stage stage)
    {
        var flags = stage.Parse(FlagStyle.Argparse, "controller.py", "-h|--help --host=S --port=I --dispatch-method=lottery|shortest_queue --ssl");
        await stage.LoadAsync();
        return await FastChat.ServeAsync(Site(), flags, 21001);
    }

    private static Site Site()
    {
        var workers = new ConcurrentDictionary<string, string[]>(StringComparer.Ordinal);
        var site = new Site();
        site.Get("/test_connection", call => call.SendAsync(200, "\"success\"", "application/json"));
        site.Post("/register_worker", async call =>
        {
            var body = await call.BodyAsync();
            workers[body["worker_name"]!.ToString()] = [.. body["worker_status"]?["model_names"]?.AsArray().Select(name => name!.ToString()) ?? []];
            await call.SendAsync(200, "null", "application/json");
        });
        site.Post("/receive_heart_beat", async call =>
            await call.SendAsync(200, new JsonObject { ["exist"] = workers.ContainsKey((await call.BodyAsync())["worker_name"]!.ToString()) }));
        site.Post("/refresh_all_workers", async call =>
        {
            foreach (var worker in workers.Keys)
                if (await FastChat.PostAsync(worker, "/worker_get_status", [], call.Gone) is null)
                    workers.TryRemove(worker, out _);
            await call.SendAsync(200, "null", "application/json");
        });
        site.Post("/list_models", call =>
            call.SendAsync(200, new JsonObject { ["models"] = new JsonArray([.. workers.Values.SelectMany(names => names).Distinct().Select(name => (JsonNode)name)]) }));
        site.Post("/get_worker_address", async call =>
        {
            var model = (await call.BodyAsync())["model"]?.ToString();
            await call.SendAsync(200, new JsonObject { ["address"] = workers.FirstOrDefault(worker => worker.Value.Contains(model)).Key ?? "" });
        });
        return site;
    }
}
