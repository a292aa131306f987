using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Helix.Bench.Measuring;
using Helix.Bench.Wire;

namespace Helix.Bench.Peers;

/// <summary>A whole helix with a home of its own that knows no network: keeper, daemon, engines.</summary>
internal sealed class HelixServer : IDisposable
{
    private readonly Child _keeper;

    private HelixServer(Child keeper, string home, Place place) => (_keeper, Home, Place) = (keeper, home, place);

    public string Home { get; }

    public Place Place { get; }

    public int KeeperPid => _keeper.Pid;

    public int DaemonPid => int.Parse(File.ReadAllText(Path.Combine(Run, "helix.pid")), CultureInfo.InvariantCulture);

    private string Run => RunFolderOf(Home);

    /// <summary>Its processes that stay: keeper, daemon, engines, but nothing that is only asked about the machine.</summary>
    public IReadOnlyList<int> Pids => [KeeperPid, DaemonPid, .. Memory().Pids];

    /// <summary>What is installed here may lead to the stand-in, which lies where no sandbox shows it.</summary>
    public static Dictionary<string, string> Environment(string home) => new()
    {
        ["HELIX_HOME"] = home, ["HELIX_OFFLINE"] = "1", ["HELIX_SANDBOX_READS"] = Path.GetDirectoryName(Setting.StandIn)!,
    };

    /// <param name="models">Files that lie in its models folder from the beginning.</param>
    public static string NewHome(Setting setting, params IEnumerable<string> models)
    {
        var home = Path.Combine(setting.Work, "home-" + Path.GetRandomFileName());
        var folder = Directory.CreateDirectory(Path.Combine(home, "local-llm", "models")).FullName;
        foreach (var model in models) File.Copy(model, Path.Combine(folder, Path.GetFileName(model)));
        return home;
    }

    /// <summary>A machine that is planned for instead of this one, and further settings.</summary>
    public static void Configure(string home, string machine, string settings)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, "local-llm", "auto-manager", "config")).FullName;
        File.WriteAllText(Path.Combine(folder, "machine.yaml"), $"os: linux\narchitecture: x64\ncores: 2\nfree_disk_gb: 100\nglibc: 2.39\n{machine}\n");
        File.WriteAllText(Path.Combine(folder, "auto-config.yaml"), $"hardware:\n  override: {Path.Combine(folder, "machine.yaml")}\n{settings}");
    }

    /// <summary>Providers in one of these states.</summary>
    public IReadOnlyList<string> In(params string[] states)
    {
        using var link = new HttpLink(Place.Unix(Path.Combine(Run, "helix.sock")));
        using var status = JsonDocument.Parse(link.Get("/helix/v1/providers").Text);
        return [.. status.RootElement.GetProperty("providers").EnumerateArray().Where(provider => states.Contains(provider.GetProperty("state").GetString())).Select(provider => provider.GetProperty("id").GetString()!)];
    }

    /// <summary>Bytes that the plan has reserved for engines that run, what they may use together, and their processes, what shuts them in included.</summary>
    public (long Reserved, long Budget, IReadOnlyList<int> Pids) Memory()
    {
        using var link = new HttpLink(Place.Unix(Path.Combine(Run, "helix.sock")));
        using var status = JsonDocument.Parse(link.Get("/helix/v1/status").Text);
        var memory = status.RootElement.GetProperty("memory");
        return (memory.GetProperty("reserved").GetInt64(), memory.GetProperty("budget").GetInt64(), [.. memory.GetProperty("instances").EnumerateArray().SelectMany(instance => ProcFile.TreeOf(instance.GetProperty("pid").GetInt32()))]);
    }

    /// <summary>What runs, by the names of instances.</summary>
    public IReadOnlyList<(string Name, int Pid)> Instances()
    {
        using var link = new HttpLink(Place.Unix(Path.Combine(Run, "helix.sock")));
        using var status = JsonDocument.Parse(link.Get("/helix/v1/status").Text);
        return [.. status.RootElement.GetProperty("memory").GetProperty("instances").EnumerateArray().Select(instance => (instance.GetProperty("name").GetString()!, instance.GetProperty("pid").GetInt32()))];
    }

    /// <param name="query">As of <c>GET /helix/v1/history</c>.</param>
    public IReadOnlyList<JsonElement> History(string query)
    {
        using var link = new HttpLink(Place.Unix(Path.Combine(Run, "helix.sock")));
        using var history = JsonDocument.Parse(link.Get("/helix/v1/history?" + query).Text);
        return [.. history.RootElement.GetProperty("events").EnumerateArray().Select(each => each.Clone())];
    }

    /// <summary>Starts the keeper, which starts all else, and returns without waiting.</summary>
    /// <param name="environment">Null: without a network.</param>
    public static HelixServer Start(Setting setting, string home, IReadOnlyDictionary<string, string>? environment = null)
    {
        var port = Place.FreePort();
        var keeper = Child.Start(
            setting.Log("keeper"), setting.Helix, ["keeper", "--home", home, "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")], environment ?? Environment(home));
        return new HelixServer(keeper, home, Place.Loopback(port));
    }

    /// <summary>Waits until a model is ready, and gives its id. Asks helix's own API, so that the gateway has not spoken with the engine yet.</summary>
    public string WaitForModel(Func<string, bool> isWanted)
    {
        for (var begun = Stopwatch.GetTimestamp(); ; Child.Pause(TimeSpan.FromMilliseconds(50)))
        {
            try
            {
                using var link = new HttpLink(Place.Unix(Path.Combine(Run, "helix.sock")));
                using var status = JsonDocument.Parse(link.Get("/helix/v1/status").Text);
                foreach (var model in status.RootElement.GetProperty("models").EnumerateArray())
                    if (isWanted(model.GetProperty("id").GetString()!) && model.GetProperty("state").GetString() == "ready") return model.GetProperty("id").GetString()!;
            }
            catch (Exception e) when (e is SocketException or IOException && ProcFile.Lives(KeeperPid))
            {
                // not yet
            }

            if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromMinutes(1)) throw new IOException($"The model did not become ready within a minute; the logs in {Home} say why.");
        }
    }

    /// <summary>The socket of the engine that serves a model.</summary>
    public string EngineSocket(string model) => EngineSockets(model).FirstOrDefault() ?? throw new IOException($"No engine serves {model}.");

    /// <summary>The sockets of all engines that serve a model.</summary>
    public IEnumerable<string> EngineSockets(string model)
    {
        foreach (var path in Directory.GetDirectories(Run, "engine-*").Select(folder => Path.Combine(folder, "s.sock")).Where(File.Exists))
        {
            using var link = new HttpLink(Place.Unix(path));
            if (Ids(link.Get("/v1/models")).Contains(model)) yield return path;
        }
    }

    /// <summary>Requests for a model that its engines have at this moment, as far as the gateway sent them.</summary>
    public int InFlight(string model)
    {
        using var link = new HttpLink(Place.Unix(Path.Combine(Run, "helix.sock")));
        var answer = link.Post("/helix/v1/route/explain", $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hello"}]}""");
        if (answer.Status != 200) throw new IOException($"helix does not tell where a request would go: {answer.Text}");
        using var route = JsonDocument.Parse(answer.Text);
        return route.RootElement.GetProperty("candidates").EnumerateArray().Sum(candidate => candidate.GetProperty("in_flight").GetInt32());
    }

    public void Dispose()
    {
        try
        {
            using var socket = Place.Unix(Path.Combine(Run, "keeper.sock")).Connect();
            socket.Send("{\"word\":\"quit\"}\n"u8);
            for (var i = 0; i < 500 && ProcFile.Lives(KeeperPid); i++) Child.Pause(TimeSpan.FromMilliseconds(20));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // it has ended by itself, or it never came up
        }

        _keeper.Dispose();
    }

    /// <summary>Of the gateway of a helix that was started otherwise.</summary>
    public static int PortOf(string home)
    {
        var address = File.ReadAllText(Path.Combine(RunFolderOf(home), "address")).Trim();
        return int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }

    private static string RunFolderOf(string home) => new FileInfo(Path.Combine(home, "local-llm", "run")).LinkTarget ?? throw new IOException("helix has no run folder yet.");

    private static IEnumerable<string> Ids(Answer answer)
    {
        using var json = JsonDocument.Parse(answer.Text);
        return [.. json.RootElement.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!)];
    }
}
