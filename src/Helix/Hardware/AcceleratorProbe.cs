using System.Runtime.InteropServices;
using Helix.Core.Hardware;

namespace Helix.Hardware;

/// <summary>Looks for what an engine could compute on beside the processor. Reads files only: nothing is loaded, no program is asked, so nothing can hang.</summary>
/// <param name="root">Of the file system; another one in tests.</param>
/// <param name="environment">Variables of this process.</param>
internal sealed class AcceleratorProbe(string root, Func<string, string?> environment)
{
    /// <summary>The software driver of Mesa: it would be slower than llama.cpp on the processor.</summary>
    private const string SoftwareDriver = "lvp_icd";

    /// <summary>What an engine on a device is told beside its own clean environment: which devices it may use, and which driver.</summary>
    private static readonly string[] s_passed = ["CUDA_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES", "VK_DRIVER_FILES", "VK_ICD_FILENAMES"];

    private static readonly string[] s_loaderFolders = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64", "usr/lib64", "usr/lib", "usr/local/lib"];

    private static readonly string[] s_driverFolders = ["etc/vulkan/icd.d", "usr/local/share/vulkan/icd.d", "usr/share/vulkan/icd.d"];

    public static AcceleratorProbe OfThisMachine { get; } = new("/", Environment.GetEnvironmentVariable);

    public static string Platform { get; } =
        $"{(OperatingSystem.IsMacOS() ? "mac" : OperatingSystem.IsLinux() ? "linux" : "windows")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    public AcceleratorFacts Look()
    {
        var nvidia = Nvidia();
        var known = LoaderFolders().ToArray();
        var further = FurtherFolders().ToArray();
        var runtimes = new List<int>();
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var release in (int[])[12, 13])
        {
            string[] files = ["libcuda.so.1", $"libcudart.so.{release}", $"libcublas.so.{release}", $"libcublasLt.so.{release}"];
            var found = files.Select(file => FolderOf(file, [.. known, .. further])).ToArray();
            if (found.Any(folder => folder is null)) continue;
            runtimes.Add(release);
            folders.UnionWith(found.OfType<string>().Except(known, StringComparer.Ordinal));
        }

        var drivers = VulkanDrivers().ToArray();
        var hasDriver = drivers.Any(driver => !Path.GetFileName(driver).StartsWith(SoftwareDriver, StringComparison.Ordinal));
        var loader = FolderOf("libvulkan.so.1", known) is not null;
        return new AcceleratorFacts(
            Platform, nvidia, [.. runtimes], [.. folders], loader, hasDriver && (nvidia is not null || HasRenderNode()), Words(nvidia, runtimes, drivers));
    }

    /// <summary>What an engine with a fetched build gets into its environment.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentFor(AcceleratorFacts facts)
    {
        var variables = s_passed.Where(name => environment(name) is { Length: > 0 }).ToDictionary(name => name, name => environment(name)!, StringComparer.Ordinal);
        if (!facts.CudaFolders.IsEmpty) variables["LD_LIBRARY_PATH"] = string.Join(':', facts.CudaFolders);
        return variables;
    }

    private NvidiaDriver? Nvidia()
    {
        var version = At("proc/driver/nvidia/version");
        if (!File.Exists(version)) return null;
        var card = HardwareProbe.Gpus(At("proc/driver/nvidia/gpus")) is [var first, ..] ? first.Name : "NVIDIA GPU";
        return new NvidiaDriver(card, NvidiaDriver.VersionIn(Text(version)));
    }

    private IEnumerable<string> LoaderFolders() => s_loaderFolders.Select(At)
        .Concat(Files("etc/ld.so.conf.d", "*.conf").Prepend(At("etc/ld.so.conf")).SelectMany(file => Text(file).Split('\n', StringSplitOptions.TrimEntries))
            .Where(line => line.StartsWith('/')).Select(line => At(line.TrimStart('/'))))
        .Distinct(StringComparer.Ordinal);

    private IEnumerable<string> FurtherFolders() => (environment("LD_LIBRARY_PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathFullyQualified)
        .Concat(Folders("usr/local", "cuda*").Concat(Folders("opt", "cuda*")).SelectMany(cuda => (string[])[Path.Combine(cuda, "lib64"), Path.Combine(cuda, "targets/x86_64-linux/lib")]))
        .Distinct(StringComparer.Ordinal);

    private IEnumerable<string> VulkanDrivers() => s_driverFolders.SelectMany(folder => Files(folder, "*.json"));

    /// <summary>A device for rendering that this user may open.</summary>
    private bool HasRenderNode() => Files("dev/dri", "renderD*").Any(IsOpenable);

    private static bool IsOpenable(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return true;
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whatever changes with an update of a driver, or with a choice of devices, is in these words.</summary>
    private string Words(NvidiaDriver? nvidia, List<int> runtimes, string[] drivers) => string.Join("; ",
    [
        .. nvidia is null ? Array.Empty<string>() : [$"nvidia {nvidia.Version}"],
        .. runtimes.Select(release => $"cuda {release}"),
        .. drivers.Select(driver => $"{Path.GetFileName(driver)} {File.GetLastWriteTimeUtc(driver):yyyyMMddHHmmss}"),
        .. s_passed.Where(name => environment(name) is { Length: > 0 }).Select(name => $"{name}={environment(name)}"),
    ]);

    private static string? FolderOf(string file, IEnumerable<string> folders) => folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, file)));

    private string At(string path) => Path.Combine(root, path);

    private string[] Files(string folder, string pattern) => Entries(folder, pattern, Directory.GetFiles);

    private string[] Folders(string folder, string pattern) => Entries(folder, pattern, Directory.GetDirectories);

    private string[] Entries(string folder, string pattern, Func<string, string, string[]> read)
    {
        try
        {
            return Directory.Exists(At(folder)) ? [.. read(At(folder), pattern).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Text(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : "";
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
