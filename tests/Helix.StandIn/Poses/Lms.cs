using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Helix.StandIn.Flags;

namespace Helix.StandIn.Poses;

/// <summary>LM Studio's command: each call tells the daemon one thing and ends.</summary>
internal static class Lms
{
    private const string Table = """
        -h|--help --json -p|--port=I --bind=S --cors --quiet --user-repo=S -y|--yes -L|--hard-link -l|--symbolic-link -c|--copy --dry-run --exact --local
        --identifier=S --gpu=S --context-length=I --parallel=I --ttl=I --estimate-only --all -s|--source=S
        """;

    private static readonly HttpClient s_client = new();
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync(Stage stage)
    {
        // -c is a length for "load" and a copy for "import"
        var table = stage.Arguments is ["load", ..] ? Table.Replace("-c|--copy", "--copy", StringComparison.Ordinal).Replace("--context-length", "-c|--context-length", StringComparison.Ordinal) : Table;
        var flags = stage.Parse(FlagStyle.Commander, "lms", table);
        return flags.Positionals switch
        {
            ["daemon", "up"] => await UpAsync(stage),
            ["daemon", "status"] => Print(await FindAsync() ? await GetAsync("/status") : new JsonObject { ["status"] = "not-running" }),
            ["daemon", "down"] => await DownAsync(),
            ["server", "start"] => await StartServerAsync(flags),
            ["server", "stop"] => await TellAsync("/server/stop", []),
            ["server", "status"] => await ServerStatusAsync(),
            ["import", var file] => Import(flags, file),
            ["load", var model] => await TellAsync("/load", new() { ["model"] = model, ["identifier"] = flags.Text("--identifier") }),
            ["unload", ..] => await TellAsync("/unload", new() { ["identifier"] = flags.Positionals.ElementAtOrDefault(1) }),
            ["ps"] => Print(await FindAsync() ? await GetAsync("/loaded") : new JsonArray()),
            ["ls"] => Print(new JsonArray([.. LmStudioDaemon.Known().Select(model => (JsonNode)new JsonObject { ["modelKey"] = model.Key, ["path"] = model.Value })])),
            ["version"] => Print(new JsonObject { ["version"] = stage.Version }),
            _ => throw new Exit(1, $"error: unknown command '{string.Join(' ', flags.Positionals)}'"),
        };
    }

    private static async Task<int> UpAsync(Stage stage)
    {
        if (!await FindAsync())
        {
            if (Knobs.Read().CrashAtStart) throw new Exit(1, "Failed to start the daemon");
            Children.Detach("--as", "llmster", "--standin-version", stage.Version, "daemon");
            while (!await FindAsync()) await Task.Delay(s_pace, TimeProvider.System);
        }

        return Print(await GetAsync("/status"));
    }

    private static async Task<int> DownAsync()
    {
        if (!await FindAsync()) return 0;
        await TellAsync("/down", []);
        while (File.Exists(Llmster.ControlFile)) await Task.Delay(s_pace, TimeProvider.System);
        return 0;
    }

    private static async Task<int> StartServerAsync(ParsedFlags flags)
    {
        // the last port is remembered
        var file = Path.Combine(Llmster.Root, ".internal", "http-server-config.json");
        var config = File.Exists(file) ? JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject() : [];
        var port = flags.Int("--port", config["port"]?.GetValue<int>() ?? 1234);
        var bind = flags.Text("--bind") ?? Stage.Variable("LMS_SERVER_HOST") ?? config["networkInterface"]?.ToString() ?? "127.0.0.1";
        if (await TellAsync("/server/start", new() { ["port"] = port, ["bind"] = bind }) != 0) throw new Exit(1, "Failed to verify the server is running. Please try again.");
        config["port"] = port;
        await File.WriteAllTextAsync(file, config.ToJsonString());
        Stage.Say($"Success! Server is now running on port {port}");
        return 0;
    }

    private static async Task<int> ServerStatusAsync()
    {
        var status = await FindAsync() ? await GetAsync("/status") : null;
        return Print(new JsonObject { ["running"] = status?["serverRunning"]?.GetValue<bool>() ?? false, ["port"] = status?["serverPort"]?.GetValue<int>() ?? 0 });
    }

    private static int Import(ParsedFlags flags, string file)
    {
        if (!File.Exists(file)) throw new Exit(1, $"File does not exist: {file}");
        var folder = Path.Combine(Llmster.Root, "models", flags.Text("--user-repo", "imported-models/uncategorized"));
        Directory.CreateDirectory(folder);
        var target = Path.Combine(folder, Path.GetFileName(file));
        if (File.Exists(target)) throw new Exit(1, $"Target file already exists: {target}");
        if (flags.Has("--hard-link")) LinkHard(file, target);
        else if (flags.Has("--symbolic-link")) File.CreateSymbolicLink(target, Path.GetFullPath(file));
        else if (flags.Has("--copy")) File.Copy(file, target);
        else File.Move(file, target); // the default moves it away, as the real one does
        Stage.Say("File moved to the models directory.");
        return 0;
    }

    private static void LinkHard(string from, string to)
    {
        if (Links.Hard(Path.GetFullPath(from), to) != 0) throw new Exit(1, "EXDEV: cross-device link not permitted");
    }

    private static async Task<bool> FindAsync()
    {
        try
        {
            return (await GetAsync("/status"))["status"] is not null;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            return false;
        }
    }

    private static Uri Address(string path) => new($"http://127.0.0.1:{JsonNode.Parse(File.ReadAllText(Llmster.ControlFile))!["port"]}{path}");

    private static async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await s_client.GetStringAsync(Address(path)))!;

    private static async Task<int> TellAsync(string path, JsonObject body)
    {
        if (!await FindAsync()) throw new Exit(1, "The daemon is not running. Start it with `lms daemon up`.");
        using var response = await s_client.PostAsJsonAsync(Address(path), body);
        if (response.IsSuccessStatusCode) return 0;
        Stage.Log(JsonNode.Parse(await response.Content.ReadAsStringAsync())?["error"]?.ToString() ?? "");
        return 1;
    }

    private static int Print(JsonNode json)
    {
        Stage.Say(json.ToJsonString());
        return 0;
    }
}
