using System.Collections.Immutable;

namespace Helix.Core.Hardware;

/// <summary>What else is known of a machine: nobody's plan depends on it, and a person who reads the findings wants to know.</summary>
/// <param name="Processor">Its name; null where nobody says.</param>
/// <param name="InstructionSets">Of those that engines gain from, as Linux names them.</param>
/// <param name="NumaNodes">At least 1.</param>
/// <param name="Container">What this process is in; null for none.</param>
/// <param name="VirtualMachine">What the machine itself is in; null for none.</param>
internal sealed record MachineDetails(string? Processor, ImmutableArray<string> InstructionSets, int NumaNodes, string? Container, string? VirtualMachine)
{
    private static readonly string[] s_useful =
    [
        "sse4_2", "avx", "avx2", "fma", "f16c", "bmi2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16",
        "asimd", "asimddp", "fphp", "i8mm", "bf16", "sve", "sve2", "sme",
    ];

    private static readonly (string Word, string Name)[] s_makers =
    [
        ("QEMU", "QEMU"), ("KVM", "KVM"), ("VMware", "VMware"), ("VirtualBox", "VirtualBox"), ("innotek", "VirtualBox"), ("Parallels", "Parallels"), ("Xen", "Xen"),
        ("Amazon EC2", "Amazon EC2"), ("Google Compute Engine", "Google Compute Engine"), ("OpenStack", "OpenStack"), ("Virtual Machine", "Hyper-V"), ("Firecracker", "Firecracker"),
    ];

    /// <param name="cpuinfo">The text of <c>/proc/cpuinfo</c>.</param>
    public static (string? Name, ImmutableArray<string> Sets, bool Hypervisor) ReadCpu(string cpuinfo)
    {
        string? First(params ReadOnlySpan<string> keys)
        {
            foreach (var line in cpuinfo.Split('\n'))
                if (line.Split(':', 2) is [var key, var value] && keys.Contains(key.Trim()) && value.Trim().Length > 0)
                    return value.Trim();
            return null;
        }

        var flags = (First("flags", "Features") ?? "").Split(' ').ToHashSet(StringComparer.Ordinal);
        return (First("model name", "Model"), [.. s_useful.Where(flags.Contains)], flags.Contains("hypervisor"));
    }

    /// <param name="noted">What systemd noted of it, or the variable <c>container</c>.</param>
    /// <param name="cgroup">The text of <c>/proc/self/cgroup</c>.</param>
    public static string? ContainerOf(bool dockerMark, bool podmanMark, string? noted, string cgroup) =>
        noted is { Length: > 0 } ? noted.Trim()
        : podmanMark ? "podman"
        : cgroup.Contains("kubepods", StringComparison.Ordinal) ? "kubernetes"
        : dockerMark || cgroup.Contains("/docker", StringComparison.Ordinal) ? "docker"
        : cgroup.Contains("/lxc", StringComparison.Ordinal) ? "lxc"
        : null;

    /// <param name="maker">Vendor and product as the firmware tells them.</param>
    public static string? VirtualMachineOf(string maker, bool hypervisor)
    {
        if (s_makers.FirstOrDefault(each => maker.Contains(each.Word, StringComparison.OrdinalIgnoreCase)) is { Name: { } name }) return name;
        return hypervisor ? "a hypervisor that does not say its name" : null;
    }
}
