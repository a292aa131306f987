using System.Text.Json.Nodes;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>GPT4All's desktop application: steered by its INI file only, no keys, no streams. Switched off, it answers 401 to everything.</summary>
internal static class Gpt4AllDesktop
{
    public static async Task<int> RunAsync(Stage stage)
    {
        var settings = Settings(Path.Combine(Stage.Variable("HOME") ?? ".", ".config", "nomic.ai", "GPT4All.ini"));
        var serves = settings.GetValueOrDefault("serverChat") == "true";
        var folder = settings.GetValueOrDefault("modelPath") ?? ".";
        string[] models = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.gguf").Select(ModelFiles.Name).Order(StringComparer.Ordinal)] : [];
        var manners = new Manners
        {
            Models = () => models, Refuse = RefuseAsync, ChecksModel = true, Streams = false,
            Whole = whole => whole["choices"]![0]!["references"] = new JsonArray(),
        };
        var api = new OpenAi(stage, manners, new Tally());
        var site = new Site
        {
            Gate = async call =>
            {
                if (!serves) await call.SendAsync(401, "");
                return serves;
            },
            Unreadable = (call, why) => RefuseAsync(call, Trouble.BadRequest, why),
            Missing = call => call.SendAsync(404, ""),
        };
        site.Get("/v1/models", api.Models("humanity"));
        site.Post("/v1/chat/completions", api.ChatAsync);
        site.Post("/v1/completions", api.CompletionAsync);
        await stage.LoadAsync();
        var port = int.Parse(settings.GetValueOrDefault("networkPort") ?? "4891", null);
        if (!await site.TryListenAsync("127.0.0.1", port)) Stage.Log("WARNING: Could not start the server"); // and its window stays
        return await Stage.ServeAsync(site, Stopping.WithOne);
    }

    private static Dictionary<string, string> Settings(string file) => !File.Exists(file)
        ? []
        : File.ReadLines(file).Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    private static Task RefuseAsync(Call call, Trouble trouble, string words) => call.SendAsync(
        trouble is Trouble.Broken ? 500 : trouble is Trouble.UnknownModel ? 404 : 400,
        new JsonObject { ["error"] = new JsonObject { ["message"] = words, ["type"] = "invalid_request_error", ["param"] = null, ["code"] = null } });
}
