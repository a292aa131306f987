using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Hardware;

public sealed class PreflightTests
{
    private static readonly ComputeGpu s_gpu = new(Accelerator.Nvidia, "RTX 3090", 24_000_000_000, new(8, 6), new(550, 54));

    private static readonly PreflightFacts s_good = new(
        new("linux", "x64", null, new(2, 36), 16_000_000_000, 100_000_000_000, [], false, false),
        new("a processor", ["avx", "avx2"], 1, null, null),
        ["debian"],
        new(16_000_000_000, 12_000_000_000, 8, 100_000_000_000, false, []),
        new("/home/ann/.helixcode", "ext4", null, true),
        65536,
        new("127.0.0.1:4359", false, null, false),
        null,
        [.. Enum.GetValues<Tool>().Select(tool => new ToolFacts(tool, $"/usr/bin/{ToolAdvice.NameOf(tool)}", "1.0", null))],
        false,
        new(false, false, [], [], "https://hub.example"),
        [],
        [],
        new(2030, 1, 2, 3, 4, 0, TimeSpan.Zero),
        new(2029, 12, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_good_machine_has_nothing_but_good_findings() => Assert.All(Preflight.Of(s_good), finding => Assert.Equal((FindingLevel.Ok, null), (finding.Level, finding.Remedy)));

    [Fact]
    public void Whatever_is_wrong_is_said_with_its_level_and_what_to_do()
    {
        Says("system", FindingLevel.Error, "another C library", s_good with { Machine = s_good.Machine with { Glibc = null } });
        Says("system", FindingLevel.Error, "glibc 2.28 or newer", s_good with { Machine = s_good.Machine with { Glibc = new(2, 17) } });
        Says("system", FindingLevel.Error, "runs on Linux and macOS", s_good with { Machine = s_good.Machine with { Os = "windows", Glibc = null } });
        Says("processor", FindingLevel.Warning, "without AVX2", s_good with { Details = s_good.Details with { InstructionSets = ["sse4_2"] } });
        Says("memory", FindingLevel.Error, "too little for any model", s_good with { Hardware = s_good.Hardware with { TotalMemory = 500_000_000 } });
        Says("memory", FindingLevel.Warning, "only the smallest models fit", s_good with { Hardware = s_good.Hardware with { TotalMemory = 2_000_000_000 } });
        Says("memory", FindingLevel.Warning, "other programs take most of it", s_good with { Hardware = s_good.Hardware with { AvailableMemory = 100_000_000 } });
        Says("home", FindingLevel.Error, "cannot be written to: no rights", s_good with { Home = s_good.Home with { Refusal = "no rights" } });
        Says("home", FindingLevel.Warning, "can be read by other users", s_good with { Home = s_good.Home with { IsPrivate = false } });
        Says("home", FindingLevel.Warning, "is on nfs", s_good with { Home = s_good.Home with { FileSystem = "nfs" } });
        Says("disk", FindingLevel.Error, "100.0 MB are free", s_good with { Hardware = s_good.Hardware with { FreeDisk = 100_000_000 } });
        Says("disk", FindingLevel.Warning, "most models are larger", s_good with { Hardware = s_good.Hardware with { FreeDisk = 1_000_000_000 } });
        Says("open files", FindingLevel.Warning, "256 files open", s_good with { OpenFiles = 256 });
        Says("port", FindingLevel.Warning, "somebody else listens", s_good with { Port = s_good.Port with { Refusal = "in use", IsTaken = true } });
        Says("port", FindingLevel.Error, "cannot be listened on: no such address", s_good with { Port = s_good.Port with { Refusal = "no such address" } });
        Says("engine", FindingLevel.Error, "cannot start: cut off", s_good with { Engine = "cut off" });
        Says("cmake", FindingLevel.Warning, "not there; needed for engines that are built on this machine", Without(Tool.CMake));
        Says("python3", FindingLevel.Warning, "it has no venv; needed for", s_good with { Tools = [new(Tool.Python, "/usr/bin/python3", "3.11", "it has no venv")] });
        Says("graphics", FindingLevel.Warning, "its driver is not loaded", s_good with { UnusedNvidia = true });
        Says("network", FindingLevel.Warning, "network.offline is true", s_good with { Network = s_good.Network with { Offline = true } });
        Says("network", FindingLevel.Warning, "HELIX_OFFLINE", s_good with { Network = s_good.Network with { OfflineByEnvironment = true } });
        Says("configuration", FindingLevel.Error, "line 3", s_good with { Configuration = ["line 3"] });
        Says("manifests", FindingLevel.Warning, "mine.yaml", s_good with { Manifests = ["mine.yaml was left out"] });
        Says("clock", FindingLevel.Warning, "2020-01-01", s_good with { Now = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero) });
    }

    [Fact]
    public void What_is_optional_is_no_warning_and_says_how_to_get_it()
    {
        var finding = Preflight.Of(Without(Tool.Bubblewrap)).Single(finding => finding.Subject == "bwrap");

        Assert.Equal((FindingLevel.Ok, "sudo apt install bubblewrap"), (finding.Level, finding.Remedy));
    }

    [Fact]
    public void Uv_stands_in_for_python() =>
        Assert.Equal(FindingLevel.Ok, Preflight.Of(Without(Tool.Python)).Single(finding => finding.Subject == "python3").Level);

    [Theory]
    [InlineData(false, "not there; needed for engines that are Python programs; helix fetches uv, which brings its own, when an engine needs it")]
    [InlineData(true, "not there; needed for engines that are Python programs; helix fetches uv, which brings its own, when an engine needs it, and helix is offline")]
    public void What_helix_can_fetch_is_no_warning_unless_it_is_offline(bool offline, string what)
    {
        var facts = Without(Tool.Python) with { Network = s_good.Network with { Offline = offline } };
        facts = facts with { Tools = [.. facts.Tools.Where(tool => tool.Tool != Tool.Uv).Select(tool => tool with { IsFetched = tool.Tool == Tool.Python })] };

        var finding = Preflight.Of(facts).Single(finding => finding.Subject == "python3");

        Assert.Equal((offline ? FindingLevel.Warning : FindingLevel.Ok, what), (finding.Level, finding.What));
    }

    [Fact]
    public void What_is_there_is_told_with_its_numbers()
    {
        var findings = Preflight.Of(s_good with
        {
            Machine = s_good.Machine with { Gpus = [s_gpu], IsWsl = true },
            Details = s_good.Details with { NumaNodes = 2, Container = "docker", VirtualMachine = "KVM" },
            Port = new("http://127.0.0.1:4360", true, null, false),
            Network = s_good.Network with { Proxies = ["https_proxy"], Mirrors = ["https://a=https://b"] },
        });

        Assert.Equal(
            [
                "system: Linux on x64 (WSL), glibc 2.36, in a container (docker), in a virtual machine (KVM)", "processor: 8 cores of a processor, 2 memory nodes (avx, avx2)",
                "port: helix runs at http://127.0.0.1:4360", "graphics: RTX 3090, 24.0 GB, compute capability 8.6, driver 550.54", "proxy: set by https_proxy", "mirrors: https://a=https://b",
            ],
            findings.Where(finding => finding.Subject is "system" or "processor" or "port" or "graphics" or "proxy" or "mirrors").Select(finding => $"{finding.Subject}: {finding.What}"));
    }

    [Theory]
    [InlineData("linux", "ubuntu debian", "sudo apt install build-essential")]
    [InlineData("linux", "rocky rhel centos fedora", "sudo dnf install gcc-c++")]
    [InlineData("linux", "manjaro arch", "sudo pacman -S base-devel")]
    [InlineData("linux", "alpine", "sudo apk add build-base")]
    [InlineData("linux", "opensuse-leap suse opensuse", "sudo zypper install gcc-c++")]
    [InlineData("linux", "", "install it with your system's package manager")]
    [InlineData("macos", "", "xcode-select --install")]
    public void A_compiler_is_got_in_the_systems_own_way(string os, string distribution, string how) =>
        Assert.Equal(how, ToolAdvice.HowToGet(Tool.Compiler, os, [.. distribution.Split(' ', StringSplitOptions.RemoveEmptyEntries)]));

    [Fact]
    public void Every_tool_has_its_way_everywhere()
    {
        foreach (var tool in Enum.GetValues<Tool>())
            foreach (var id in (string[])["debian", "fedora", "arch", "suse", "alpine", "other"])
                Assert.NotEqual("", ToolAdvice.HowToGet(tool, "linux", [id]));
        Assert.Equal("brew install node", ToolAdvice.HowToGet(Tool.Npm, "macos", []));
    }

    [Theory]
    [InlineData("model name\t: AMD EPYC 9\nflags\t\t: fpu sse4_2 avx avx2 hypervisor fma\nmodel name\t: other\n", "AMD EPYC 9", "sse4_2 avx avx2 fma", true)]
    [InlineData("processor\t: 0\nFeatures\t: fp asimd asimddp\nModel\t\t: Raspberry Pi 5\n", "Raspberry Pi 5", "asimd asimddp", false)]
    [InlineData("", null, "", false)]
    public void The_processor_is_read(string cpuinfo, string? name, string sets, bool hypervisor)
    {
        var read = MachineDetails.ReadCpu(cpuinfo);

        Assert.Equal((name, sets, hypervisor), (read.Name, string.Join(' ', read.Sets), read.Hypervisor));
    }

    [Theory]
    [InlineData(false, false, null, "0::/user.slice", null)]
    [InlineData(true, false, null, "0::/", "docker")]
    [InlineData(false, true, null, "0::/", "podman")]
    [InlineData(false, false, "lxc\n", "0::/", "lxc")]
    [InlineData(true, false, null, "0::/kubepods/burstable", "kubernetes")]
    [InlineData(false, false, null, "1:name=systemd:/docker/abc", "docker")]
    public void A_container_is_known_by_its_marks(bool docker, bool podman, string? noted, string cgroup, string? name) => Assert.Equal(name, MachineDetails.ContainerOf(docker, podman, noted, cgroup));

    [Theory]
    [InlineData("QEMU Standard PC", true, "QEMU")]
    [InlineData("Microsoft Corporation Virtual Machine", true, "Hyper-V")]
    [InlineData("Amazon EC2 m7i.large", false, "Amazon EC2")]
    [InlineData("LENOVO 20XW", false, null)]
    [InlineData("", true, "a hypervisor that does not say its name")]
    public void A_virtual_machine_is_known_by_its_maker(string maker, bool hypervisor, string? name) => Assert.Equal(name, MachineDetails.VirtualMachineOf(maker, hypervisor));

    private static PreflightFacts Without(Tool tool) => s_good with { Tools = [.. s_good.Tools.Select(each => each.Tool == tool ? new ToolFacts(tool, null, null, null) : each)] };

    private static void Says(string subject, FindingLevel level, string words, PreflightFacts facts)
    {
        var finding = Assert.Single(Preflight.Of(facts), finding => finding.Level != FindingLevel.Ok);
        Assert.Equal((subject, level), (finding.Subject, finding.Level));
        Assert.Contains(words, finding.What, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(finding.Remedy));
    }
}
