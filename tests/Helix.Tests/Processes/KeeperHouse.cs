using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Tests.Processes;

/// <summary>A home of its own with a real keeper, run from the program that was built beside these tests.</summary>
internal sealed class KeeperHouse : IAsyncDisposable
{
    private readonly List<int> _keepers = [];

    public KeeperHouse(string? root = null)
    {
        Home = new HelixHome(root ?? Path.Combine(Path.GetTempPath(), "helix-test-" + Guid.NewGuid().ToString("n")));
    }

    public static string Program { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Helix", "release", "helix"));

    public HelixHome Home { get; }

    public RunFolder Folder => RunFolder.Find(Home) ?? throw new InvalidOperationException("no run folder");

    public int DaemonPid => int.Parse(File.ReadAllText(Folder.PidFile), CultureInfo.InvariantCulture);

    public IPEndPoint Gateway => IPEndPoint.Parse(File.ReadAllText(Folder.Address).Trim());

    public string Scratch(string name) => Path.Combine(Home.Root, name);

    public Task<KeeperStart> StartAsync(IPEndPoint? listen = null, string daemon = "exec sleep 1000") => KeeperControl.StartDetachedAsync(
        Program, Home, listen ?? FreeAddress(), ["--daemon-command", "/bin/sh", "--daemon-argument", "-c", "--daemon-argument", daemon],
        TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Starts a keeper and waits until its daemon is there too.</summary>
    public async Task<int> RunAsync(IPEndPoint? listen = null, string daemon = "exec sleep 1000")
    {
        var keeper = Assert.IsType<KeeperStart.Started>(await StartAsync(listen, daemon)).Pid;
        _keepers.Add(keeper);
        await Eventually.TrueAsync(() => File.Exists(Folder.PidFile), "the daemon was started");
        return keeper;
    }

    public KeeperClient Client() => new(Folder, TimeProvider.System);

    public LaunchSpec Shell(string name, string script) => new(
        name, "/bin/sh", ["-c", script], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, Home.Root, Scratch(name + ".log"));

    public Task<bool> QuitAsync() => KeeperControl.QuitAsync(Program, Home, TimeProvider.System, TestContext.Current.CancellationToken);

    public static IPEndPoint FreeAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    public static bool Accepts(EndPoint address)
    {
        using var socket = address is IPEndPoint
            ? new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public static bool IsAlive(int pid) => ProcessTable.Read(pid) is { IsAlive: true };

    /// <summary>Ends a process at once, as a fault would, and collects it if it is our child.</summary>
    public static async Task KillAsync(int pid)
    {
        NativeLibc.Kill(pid, NativeLibc.SignalKill);
        await Eventually.TrueAsync(
            () =>
            {
                NativeLibc.Collect(pid, out _);
                return !IsAlive(pid);
            },
            $"process {pid} is dead");
    }

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(Home.Root))
        {
            await QuitAsync();
            Directory.Delete(Home.Root, recursive: true);
        }

        foreach (var keeper in _keepers)
            NativeLibc.Collect(keeper, out _);
    }
}
