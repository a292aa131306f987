using System.Net;
using System.Net.Sockets;

namespace Helix.EndToEnd.Harness;

/// <summary>
/// A home of its own for helix, a user's folder and a place for temporary files around it. Whoever disposes of it stops helix,
/// and sees a test fail if anything was left behind.
/// </summary>
public sealed class TempHome : IAsyncDisposable
{
    /// <summary>A name that no resolver will ever know: the hub is as far away as on a machine without a network.</summary>
    public const string NoHub = "https://hub.invalid";

    private readonly List<string> _leftBehind = [];

    /// <param name="home">The home's path below the temporary folder.</param>
    public TempHome(string home = "home")
    {
        Folder = Directory.CreateTempSubdirectory("helix-e2e-").FullName;
        Root = Path.Combine(Folder, home);
        Port = FreePort();
        Environment = new(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = Make("user"),
            ["TMPDIR"] = Make("tmp"),
            ["XDG_RUNTIME_DIR"] = Make("run"),
            ["HELIX_HOME"] = Root,
            ["HF_ENDPOINT"] = NoHub,
            ["LANG"] = "C.UTF-8",
            // a runtime that is killed leaves its debugger's pipes behind; a native build has none
            ["DOTNET_EnableDiagnostics"] = "0",
        };
        File.SetUnixFileMode(Environment["XDG_RUNTIME_DIR"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // a build without native compilation finds its runtime by this
        if (System.Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } runtime) Environment["DOTNET_ROOT"] = runtime;
        Configure("");
    }

    public string Folder { get; }

    /// <summary><c>$HELIX_HOME</c></summary>
    public string Root { get; }

    /// <summary>The wanted port of the gateway.</summary>
    public int Port { get; }

    public Dictionary<string, string> Environment { get; }

    /// <summary>A machine with a graphics card is to run the same tests, and to fetch nothing for it.</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>Whether providers are installed by themselves: only in tests of that, for it goes to the network.</summary>
    public bool Installs { get; set; }

    /// <summary>The last act before the folder is deleted; helix has stopped by then.</summary>
    public Func<Task> BeforeDeleted { get; set; } = () => Task.CompletedTask;

    public string LocalLlm => Path.Combine(Root, "local-llm");

    public string Config => Path.Combine(LocalLlm, "auto-manager", "config", "auto-config.yaml");

    public string Models => Path.Combine(LocalLlm, "models");

    public string RunLink => Path.Combine(LocalLlm, "run");

    public string RunFolder => new FileInfo(RunLink).LinkTarget ?? throw new FileNotFoundException($"{RunLink} is not there");

    internal IReadOnlyList<HomeProcess> Alive => Processes.Of(Root);

    internal HomeProcess Daemon => Only("daemon");

    internal HomeProcess Keeper => Only("keeper");

    internal IReadOnlyList<HomeProcess> Engines => [.. Alive.Where(process => process.Role == "engine")];

    /// <summary>The one process of a role. What it starts looks like itself for the moment until it is another program: the older one is meant.</summary>
    private HomeProcess Only(string role) => Alive.Where(process => process.Role == role).MinBy(process => long.Parse(process.StartTicks, System.Globalization.CultureInfo.InvariantCulture))!;

    /// <summary>The gateway at the address that helix says it has.</summary>
    internal Gateway Gateway => new(new Uri("http://" + File.ReadAllText(Path.Combine(RunLink, "address")).Trim()));

    /// <summary>helix's own API on its unix socket.</summary>
    internal Gateway Api => new(new Uri("http://helix"), Path.Combine(RunFolder, "helix.sock"));

    public string Make(string folder) => Directory.CreateDirectory(Path.Combine(Folder, folder)).FullName;

    /// <summary>Writes the configuration: a port of the test's own, one compute thread, and these lines.</summary>
    public void Configure(string yaml)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Config)!);
        File.WriteAllText(Config, $"gateway:\n  port: {Port}\nbuiltin:\n  threads: 1\n  device: {Device}\n{(Installs ? "" : "providers:\n  enabled: [builtin]\n")}{yaml}");
    }

    internal Command Command(params string[] arguments) => new(Binary.Path, arguments, Environment, Folder);

    internal Task<Ended> HelixAsync(params string[] arguments) => Launched.RunAsync(Command(arguments));

    /// <summary>Runs the same under a shell that sets limits first.</summary>
    internal Command Limited(string limits, params string[] arguments) =>
        new("/bin/sh", ["-c", limits + " && exec \"$0\" \"$@\"", Binary.Path, .. arguments], Environment, Folder);

    public async ValueTask DisposeAsync()
    {
        if (Alive.Count > 0)
        {
            await HelixAsync("stop");
            await NoteLeftAsync();
        }

        _leftBehind.AddRange(Directory.EnumerateFileSystemEntries(Environment["TMPDIR"]));
        var log = Path.Combine(LocalLlm, "logs", "helix", "daemon.log");
        var alarms = File.Exists(log) ? File.ReadLines(log).Where(line => line.Contains(" crit: ", StringComparison.Ordinal) || line.Contains("\"level\":\"critical\"", StringComparison.Ordinal)).ToArray() : [];
        await BeforeDeleted();
        Directory.Delete(Folder, recursive: true);
        Assert.True(_leftBehind.Count == 0, $"left behind after `helix stop`:\n{string.Join('\n', _leftBehind)}");
        Assert.True(alarms.Length == 0, $"critical in the daemon's log:\n{string.Join('\n', alarms)}");
    }

    /// <summary>The last resort, so that a failed test does not spoil the machine for the next.</summary>
    private async Task NoteLeftAsync()
    {
        foreach (var left in Alive)
        {
            _leftBehind.Add(left.ToString());
            Processes.Signal(left, Processes.Kill);
        }

        await Eventually.TrueAsync(() => Alive.Count == 0, "the end of killed processes");
        if (new FileInfo(RunLink).LinkTarget is not { } folder) return;
        _leftBehind.Add($"{RunLink} -> {folder}");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
