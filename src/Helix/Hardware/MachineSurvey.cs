using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Hardware;

/// <summary>How the machine is looked at.</summary>
/// <param name="Gpus">Looks for GPUs in files.</param>
/// <param name="HasVulkan">A loader and a driver for Vulkan are there.</param>
/// <param name="Environment">Variables of this process.</param>
internal sealed record SurveyTools(GpuSearch Gpus, Func<bool> HasVulkan, Func<string, string?> Environment);

/// <summary>
/// Knows what this machine offers to engines that are to be installed. Files tell most of it at once; what NVIDIA's
/// driver keeps for its own program (compute capability, memory) is asked for in the background, in a child that may hang.
/// </summary>
internal sealed class MachineSurvey(HelixHome home, SurveyTools tools, BoundedChild child, TimeProvider time) : BackgroundLoop
{
    private const string Program = "nvidia-smi";
    private const string WslFolder = "/usr/lib/wsl/lib";
    private const int Tries = 3;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_loadDeadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    private readonly Lazy<Found> _found = new(() => new(tools.Gpus.Find(), tools.HasVulkan(), tools.Gpus.IsWsl, NativeGlibc.Version()));
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Told? _told;

    /// <summary>Completes when everybody was asked once, whether they answered or not.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Memory and disk are measured at each call, the rest once.</summary>
    public MachineFacts Current
    {
        get
        {
            var found = _found.Value;
            var gpus = _told is { } told ? [.. told.Gpus, .. found.Gpus.Where(gpu => gpu.Kind != Accelerator.Nvidia)] : found.Gpus;
            return FactsOf(home, gpus, found.Vulkan, found.IsWsl, found.Glibc);
        }
    }

    /// <param name="gpus">But those that belong to the processor.</param>
    public static MachineFacts FactsOf(HelixHome home, ImmutableArray<ComputeGpu> gpus, bool vulkan, bool isWsl, Version? glibc)
    {
        var hardware = HardwareProbe.Measure(home.Providers);
        return new(
            Os, Architecture, OperatingSystem.IsMacOS() ? System.Environment.OSVersion.Version : null, glibc,
            hardware.TotalMemory, hardware.FreeDisk, [.. gpus, .. AppleGpu()], vulkan, isWsl);
    }

    /// <summary>What the GPUs do at this moment. NVIDIA's own program is asked, which takes a moment, in a child that may hang.</summary>
    public async Task<IReadOnlyList<GpuLoad>> LoadsAsync(CancellationToken cancellationToken)
    {
        var ofFiles = tools.Gpus.AmdLoads();
        if (_found.Value.Gpus.All(gpu => gpu.Kind != Accelerator.Nvidia) || Find() is not { } program) return ofFiles;
        return [.. NvidiaSmi.ReadLoads(await AskAsync(program, NvidiaSmi.LoadArguments, "load", s_loadDeadline, cancellationToken)), .. ofFiles];
    }

    /// <summary>linux, macos or windows.</summary>
    public static string Os => OperatingSystem.IsMacOS() ? "macos" : OperatingSystem.IsWindows() ? "windows" : "linux";

    /// <summary>x64 or arm64, of the machine rather than of this program.</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        // the daemon's start goes first
        await Task.Yield();
        if (_found.Value.Gpus.All(gpu => gpu.Kind != Accelerator.Nvidia) || Find() is not { } program)
        {
            _asked.TrySetResult();
            return;
        }

        for (var left = Tries; left > 0 && _told is null; left--)
        {
            var gpus = NvidiaSmi.Read(await AskAsync(program, NvidiaSmi.Arguments, "survey", s_deadline, stoppingToken));
            if (!gpus.IsEmpty) _told = new(gpus);
            _asked.TrySetResult();
            if (gpus.IsEmpty) await Task.Delay(s_pause, time, stoppingToken);
        }
    }

    /// <summary>Empty where it could not be asked: then what it knows stays unknown.</summary>
    /// <param name="what">It is asked for: two questions at the same time are two processes.</param>
    private async Task<string> AskAsync(string program, ImmutableArray<string> arguments, string what, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(home.Logs, "hardware");
        var log = Path.Combine(folder, what == "survey" ? "nvidia-smi.log" : $"nvidia-smi-{what}.log");
        try
        {
            Directory.CreateDirectory(folder);
            var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = tools.Environment("PATH") ?? "" };
            var ended = await child.RunAsync(new LaunchSpec($"hardware-{what}", program, arguments, variables, folder, log), deadline, cancellationToken);
            return ended && File.Exists(log) ? await File.ReadAllTextAsync(log, cancellationToken) : "";
        }
        catch (Exception unasked) when (unasked is IOException or UnauthorizedAccessException or SpawnFailedException)
        {
            return "";
        }
    }

    private string? Find() => (tools.Environment("PATH") ?? "").Split(':').Append(WslFolder)
        .Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists);

    /// <summary>Apple's own chips have a GPU that shares the machine's memory.</summary>
    private static ComputeGpu[] AppleGpu() => Os == "macos" && Architecture == "arm64" ? [new(Accelerator.Apple, "the GPU of this Mac", null, null, null)] : [];

    private sealed record Found(ImmutableArray<ComputeGpu> Gpus, bool Vulkan, bool IsWsl, Version? Glibc);

    private sealed record Told(ImmutableArray<ComputeGpu> Gpus);
}
