using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Core.Sandbox;
using Helix.Install;
using Helix.Manifests;
using Helix.Processes;
using Helix.Sandbox;
using Helix.Storage;

namespace Helix.Hardware;

/// <summary>How a doctor looks at the machine.</summary>
/// <param name="Root">Of the file system; another one in tests.</param>
/// <param name="Environment">Variables of this process.</param>
/// <param name="HasVulkan">A loader and a driver for Vulkan are there.</param>
/// <param name="Engine">Why the built-in engine's libraries do not load; null if they do.</param>
/// <param name="Built">When this program was built.</param>
internal sealed record DoctorTools(string Root, Func<string, string?> Environment, Func<bool> HasVulkan, Func<CancellationToken, Task<string?>> Engine, DateTimeOffset Built)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    /// <summary>Tries what can hold engines; null: it is not tried.</summary>
    public Func<HelixHome, CancellationToken, Task<SandboxState>>? Sandbox { get; init; }

    public static DoctorTools OfThisMachine(TimeProvider time)
    {
        var program = System.Environment.ProcessPath!;
        return new(
            "/", System.Environment.GetEnvironmentVariable, () => AcceleratorProbe.OfThisMachine.Look() is { VulkanLoader: true, VulkanDevice: true },
            cancellationToken => CheckAsync(program, time, cancellationToken), new DateTimeOffset(File.GetLastWriteTimeUtc(program), TimeSpan.Zero))
        {
            Sandbox = (home, cancellationToken) => new SandboxTrial(new(home, program), time, SandboxTrial.MostOf(System.Environment.GetEnvironmentVariable(SandboxTrial.MostVariable))).RunAsync(cancellationToken),
        };
    }

    /// <summary>In a process of its own, for libraries that do not fit may end it.</summary>
    private static async Task<string?> CheckAsync(string program, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("helix-doctor-").FullName;
        try
        {
            var log = Path.Combine(folder, "said");
            var spec = new LaunchSpec("doctor", program, ["engine", "--check", Path.Combine(AppContext.BaseDirectory, "llama")], Fleet.BuiltinRecipe.EnvironmentOf(folder, null), folder, log);
            var exit = await OwnChild.RunAsync(spec, s_deadline, time, cancellationToken);
            if (exit?.Code == 0) return null;
            var said = (await File.ReadAllTextAsync(log, cancellationToken)).Trim();
            return said.Length > 0 ? said : exit is null ? "its libraries did not load in time" : exit.Signal is { } signal ? $"signal {signal} ended it while its libraries were loaded" : $"it ended with {exit.Code}";
        }
        catch (Exception unasked) when (unasked is IOException or UnauthorizedAccessException or SpawnFailedException)
        {
            return unasked.Message;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>Measures all that <see cref="Preflight"/> judges. Needs nothing that runs, and leaves nothing behind.</summary>
internal sealed class MachineDoctor(HelixHome home, DoctorTools tools, TimeProvider time)
{
    private const string NvidiaProgram = "nvidia-smi";
    private const int LongestName = 255;
    private const string WslFolder = "usr/lib/wsl/lib";

    private static readonly string[] s_proxies = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

    /// <param name="address">Where helix runs; null if it does not.</param>
    public async Task<PreflightFacts> MeasureAsync(string? address, CancellationToken cancellationToken)
    {
        var (surroundings, search) = (new Surroundings(tools.Root, tools.Environment), new ToolSearch(name => name == "PATH" ? Toolchains.PathBeside(home, tools.Environment(name) ?? "") : tools.Environment(name), time));
        var gpus = new GpuSearch(tools.Root);
        var (config, problems) = Configuration();
        var (found, engine, told) = (search.FindAsync(cancellationToken), tools.Engine(cancellationToken), NvidiaAsync(gpus.Find(), search, cancellationToken));
        var sandbox = tools.Sandbox is { } trial && config.Security.AutoSandbox ? await trial(home, cancellationToken) : tools.Sandbox is null ? null : SandboxState.Untried;
        await Task.WhenAll(found, engine, told);
        return new(
            MachineSurvey.FactsOf(home, await told, tools.HasVulkan(), gpus.IsWsl, NativeGlibc.Version()),
            surroundings.Details(),
            surroundings.Distribution(),
            HardwareProbe.Measure(home.Root),
            Home(),
            surroundings.OpenFiles(),
            Port(config.Gateway, address),
            await engine,
            await found,
            surroundings.HasUnusedNvidia(),
            new(config.Network.Offline, DownloadOptions.OfflineByEnvironment(), [.. s_proxies.Where(name => tools.Environment(name) is { Length: > 0 })], config.Sources.Mirrors ?? [], config.Network.HubEndpoint),
            problems,
            new ManifestShelf(home).Current.Problems,
            time.GetUtcNow(),
            tools.Built)
        {
            Sandbox = sandbox,
            Security = config.Security,
            Budget = DiskBudget.Of(config.Resources, DiskUse.OfProviders(home, new ReleaseStore(home)), FreeSpace.At(home.Root)),
        };
    }

    private (HelixConfig Config, ImmutableArray<string> Problems) Configuration() => ConfigFile.Load(home.Config) switch
    {
        ConfigOutcome.Good(var config, _) => (config, [.. NamedThings.Errors(config, home).Select(error => $"{home.Config}: {error}")]),
        ConfigOutcome.Bad(var errors) => (HelixConfig.Default, [.. errors.Select(error => $"{home.Config}: {error}")]),
        _ => throw new InvalidOperationException("an outcome is either good or bad"),
    };

    /// <summary>What files tell, with what NVIDIA's program tells in its place where it answers.</summary>
    private async Task<ImmutableArray<ComputeGpu>> NvidiaAsync(ImmutableArray<ComputeGpu> files, ToolSearch search, CancellationToken cancellationToken)
    {
        if (files.All(gpu => gpu.Kind != Accelerator.Nvidia)) return files;
        var wsl = Path.Combine(tools.Root, WslFolder, NvidiaProgram);
        if ((search.Find(NvidiaProgram) ?? (File.Exists(wsl) ? wsl : null)) is not { } program) return files;
        var told = NvidiaSmi.Read(await search.AskAsync(program, NvidiaSmi.Arguments, cancellationToken) ?? "");
        return told.IsEmpty ? files : [.. told, .. files.Where(gpu => gpu.Kind != Accelerator.Nvidia)];
    }

    private HomeFacts Home()
    {
        var there = home.Root;
        while (!Directory.Exists(there) && !File.Exists(there) && Path.GetDirectoryName(there) is { } above) there = above;
        var refusal = home.Root.Split('/').Any(name => Encoding.UTF8.GetByteCount(name) > LongestName) ? $"a name in it is longer than {LongestName} bytes"
            : File.Exists(there) ? $"{there} is no folder"
            : Refusal(there);
        return new(home.Root, FileSystem(there), refusal, !Directory.Exists(home.LocalLlm) || (File.GetUnixFileMode(home.LocalLlm) & ~HomeFolder.OwnerOnly) == 0);
    }

    private static string? FileSystem(string folder)
    {
        try
        {
            return new DriveInfo(folder).DriveFormat;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Tries it: rights, quotas and read-only disks all show that way.</summary>
    private static string? Refusal(string folder)
    {
        try
        {
            using var file = new FileStream(Path.Combine(folder, $".helix-doctor-{Guid.NewGuid():N}"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
            file.WriteByte(0);
            file.Flush(flushToDisk: true);
            return null;
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return closed.Message;
        }
    }

    private static PortFacts Port(GatewayConfig gateway, string? runsAt)
    {
        if (runsAt is not null) return new(runsAt, true, null, false);
        var end = new IPEndPoint(IPAddress.Parse(gateway.Listen), gateway.Port);
        try
        {
            using var socket = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(end);
            socket.Listen(1);
            return new($"{end}", false, null, false);
        }
        catch (SocketException closed)
        {
            return new($"{end}", false, closed.Message, closed.SocketErrorCode == SocketError.AddressAlreadyInUse);
        }
    }
}
