using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Helix.Core.Hardware;

namespace Helix.Hardware;

/// <summary>Looks at what a machine is made of and what it is in, as far as files tell.</summary>
/// <param name="root">Of the file system; another one in tests.</param>
/// <param name="environment">Variables of this process.</param>
internal sealed class Surroundings(string root, Func<string, string?> environment)
{
    private const string NvidiaVendor = "0x10de";

    public MachineDetails Details()
    {
        var (name, sets, hypervisor) = MachineDetails.ReadCpu(Text("proc/cpuinfo"));
        if (OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64) sets = ["asimd"];
        var maker = $"{Text("sys/class/dmi/id/sys_vendor").Trim()} {Text("sys/class/dmi/id/product_name").Trim()}";
        return new(
            name, sets, Math.Max(1, Entries("sys/devices/system/node", "node*").Count(node => int.TryParse(Path.GetFileName(node)[4..], out _))),
            MachineDetails.ContainerOf(
                File.Exists(At(".dockerenv")), File.Exists(At("run/.containerenv")), Text("run/systemd/container") is { Length: > 0 } noted ? noted : environment("container"), Text("proc/self/cgroup")),
            MachineDetails.VirtualMachineOf(maker, hypervisor));
    }

    /// <summary>The ids of the distribution, the closest first.</summary>
    public ImmutableArray<string> Distribution()
    {
        var lines = Text("etc/os-release").Split('\n');
        string Value(string key) => lines.FirstOrDefault(line => line.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..].Trim().Trim('"', '\'') ?? "";
        return [.. Value("ID").Split(' ').Concat(Value("ID_LIKE").Split(' ')).Where(id => id.Length > 0)];
    }

    /// <summary>A display device of NVIDIA's is on the bus, and nothing of its driver is there.</summary>
    public bool HasUnusedNvidia() =>
        !File.Exists(At("proc/driver/nvidia/version"))
        && Entries("sys/bus/pci/devices", "*").Any(device => Text(Path.Combine(device, "vendor")).Trim() == NvidiaVendor && Text(Path.Combine(device, "class")).StartsWith("0x03", StringComparison.Ordinal));

    /// <summary>How many files this process may have open; null where nobody says.</summary>
    public long? OpenFiles() => Text("proc/self/limits").Split('\n').FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, var soft, ..]
        && long.TryParse(soft, out var limit) ? limit : null;

    private string At(string path) => Path.Combine(root, path);

    private string[] Entries(string folder, string pattern)
    {
        try
        {
            return Directory.Exists(At(folder)) ? Directory.GetFileSystemEntries(At(folder), pattern) : [];
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private string Text(string path)
    {
        try
        {
            return File.Exists(At(path)) ? File.ReadAllText(At(path)) : "";
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
