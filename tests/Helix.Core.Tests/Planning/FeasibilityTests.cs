using CsCheck;
using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Core.Planning;

namespace Helix.Core.Tests.Planning;

public sealed class FeasibilityTests
{
    private const long Gigabyte = 1_000_000_000;

    private static readonly Requirement s_anywhere = new("linux", ["x64", "arm64"], null, null, Accelerator.None, null, null, null, null, null, null);
    private static readonly Requirement s_nvidia = s_anywhere with { Accelerator = Accelerator.Nvidia, ComputeCapability = new(7, 0), Driver = new(525, 0), DeviceMemoryGb = 8, Otherwise = "smaller GPUs run something else" };
    private static readonly MachineFacts s_laptop = new("linux", "x64", null, new(2, 36), 16 * Gigabyte, 100 * Gigabyte, [], false, false);
    private static readonly ComputeGpu s_gpu = new(Accelerator.Nvidia, "RTX 3090", 24 * Gigabyte, new(8, 6), new(550, 54));

    [Fact]
    public void Nothing_needed_is_possible_on_the_processor() =>
        Assert.Equal("the processor", Assert.IsType<Feasibility.Possible>(Of(s_laptop, s_anywhere)).On);

    [Fact]
    public void The_first_way_that_is_met_is_taken()
    {
        Assert.Equal("RTX 3090", Assert.IsType<Feasibility.Possible>(Of(s_laptop with { Gpus = [s_gpu] }, s_nvidia, s_anywhere)).On);
        Assert.Equal("the processor", Assert.IsType<Feasibility.Possible>(Of(s_laptop, s_nvidia, s_anywhere)).On);
    }

    [Fact]
    public void A_gpu_that_is_not_there_is_said_with_what_it_would_have_to_be() =>
        Assert.Equal("needs an NVIDIA GPU with compute capability 7.0 or newer; none was found; smaller GPUs run something else", Words(s_laptop, s_nvidia));

    [Fact]
    public void Everything_that_a_gpu_lacks_is_said_with_its_numbers()
    {
        var old = s_gpu with { Name = "GTX 970", MemoryBytes = 4 * Gigabyte, ComputeCapability = new(5, 2), Driver = new(470, 82, 1) };

        Assert.Equal(
            [
                "needs an NVIDIA GPU with compute capability 7.0 or newer; GTX 970 has 5.2",
                "needs a GPU with 8 GB of memory; GTX 970 has 4.0 GB",
                "needs driver 525 or newer for GTX 970; 470.82.1 is installed",
            ],
            Assert.IsType<Feasibility.NotPossible>(Of(s_laptop with { Gpus = [old] }, s_nvidia)).Reasons);
    }

    [Fact]
    public void The_best_of_several_gpus_counts() =>
        Assert.IsType<Feasibility.Possible>(Of(s_laptop with { Gpus = [s_gpu with { MemoryBytes = Gigabyte }, s_gpu] }, s_nvidia));

    [Fact]
    public void What_nobody_could_measure_is_not_held_against_a_machine_and_is_said()
    {
        var unknown = new ComputeGpu(Accelerator.Nvidia, "the card", null, null, null);

        Assert.Equal(
            ["whether the card has compute capability 7.0", "whether the card has 8 GB of memory", "whether the driver of the card is 525 or newer"],
            Assert.IsType<Feasibility.Possible>(Of(s_laptop with { Gpus = [unknown] }, s_nvidia)).Unknown);
    }

    [Fact]
    public void A_gpu_of_somebody_else_does_not_count() =>
        Assert.StartsWith("needs an NVIDIA GPU", Words(s_laptop with { Gpus = [s_gpu with { Kind = Accelerator.Amd }] }, s_nvidia));

    [Fact]
    public void Vulkan_takes_any_gpu_with_its_loader()
    {
        var vulkan = s_anywhere with { Accelerator = Accelerator.Vulkan };

        Assert.IsType<Feasibility.Possible>(Of(s_laptop with { Gpus = [s_gpu], Vulkan = true }, vulkan));
        Assert.Equal("needs a GPU with Vulkan; none was found", Words(s_laptop with { Gpus = [s_gpu] }, vulkan));
    }

    [Fact]
    public void What_the_machine_lacks_is_said_with_its_numbers() =>
        Assert.Equal(
            "needs 16 GB of memory; this machine has 4.1 GB; needs glibc 2.38 or newer; this system has 2.36; needs 9 GB of free disk; 3.2 GB are free",
            Words(s_laptop with { MemoryBytes = 4_080_000_000, FreeDiskBytes = 3_200_000_000 }, s_anywhere with { MemoryGb = 16, Glibc = new(2, 38), DiskGb = 9 }));

    [Fact]
    public void Another_c_library_is_no_glibc() =>
        Assert.Equal("needs glibc 2.28 or newer; this system has another C library", Words(s_laptop with { Glibc = null }, s_anywhere with { Glibc = new(2, 28) }));

    [Fact]
    public void An_old_system_is_said()
    {
        var mac = s_laptop with { Os = "macos", OsVersion = new(13, 6), Glibc = null };

        // what nobody knows is not held against a machine
        Assert.IsType<Feasibility.Possible>(Of(mac with { OsVersion = null }, s_anywhere with { Os = "macos", OsVersion = new(14, 0) }));
        Assert.Equal("needs macOS 14 or newer; this is 13.6", Words(mac, s_anywhere with { Os = "macos", OsVersion = new(14, 0) }));
    }

    [Fact]
    public void A_platform_that_is_not_listed_is_said_with_those_that_are() =>
        Assert.Equal(
            "runs on Linux (x64, arm64) and macOS (arm64); this is Windows on x64; use something else",
            Words(s_laptop with { Os = "windows" }, s_nvidia, s_anywhere, s_anywhere with { Os = "macos", Architectures = ["arm64"] }));

    [Fact]
    public void The_way_that_lacks_least_is_told_first_and_the_others_behind_it() =>
        Assert.Equal(
            "needs 32 GB of memory; this machine has 16.0 GB; or, with an NVIDIA GPU, driver 600 or newer for RTX 3090; 550.54 is installed; or an AMD GPU; none was found",
            Words(
                s_laptop with { Gpus = [s_gpu] },
                s_anywhere with { MemoryGb = 32 }, s_anywhere with { Accelerator = Accelerator.Amd, MemoryGb = 64 }, s_nvidia with { Driver = new(600, 0) }));

    [Fact]
    public void A_gpu_that_would_not_help_is_not_asked_for() =>
        Assert.Equal(
            "needs glibc 2.38 or newer; this system has 2.36",
            Words(s_laptop, s_anywhere with { Accelerator = Accelerator.Vulkan, Glibc = new(2, 38) }, s_anywhere with { Glibc = new(2, 38) }));

    [Fact]
    public void What_several_ways_need_is_said_once() =>
        Assert.Equal(
            "needs an NVIDIA GPU; none was found; needs 9 GB of free disk; 3.2 GB are free; or, without a GPU, 16 GB of memory; this machine has 4.0 GB; and glibc 2.38 or newer; this system has 2.36",
            Words(
                s_laptop with { MemoryBytes = 4 * Gigabyte, FreeDiskBytes = 3_200_000_000 },
                s_anywhere with { Accelerator = Accelerator.Nvidia, DiskGb = 9 }, s_anywhere with { MemoryGb = 16, Glibc = new(2, 38), DiskGb = 9 }));

    [Fact]
    public void A_richer_machine_never_loses_what_a_poorer_one_can_do()
    {
        var gpus = from memory in Gen.Long[1, 80] from capability in Gen.Int[5, 12] from driver in Gen.Int[400, 700] select new ComputeGpu(Accelerator.Nvidia, "card", memory * Gigabyte, new(capability, 0), new(driver, 0));
        var rows = from kind in Gen.OneOf(Accelerator.None, Accelerator.Nvidia) from memory in Gen.Int[1, 64] from disk in Gen.Int[1, 64] from capability in Gen.Int[5, 12]
                   select s_anywhere with { Accelerator = kind, MemoryGb = memory, DiskGb = disk, ComputeCapability = kind == Accelerator.Nvidia ? new(capability, 0) : null };
        Gen.Select(rows.Array[1, 3], gpus.Array[0, 3], gpus, Gen.Long[1, 64], Gen.Long[1, 64]).Sample((needs, cards, further, memory, disk) =>
        {
            var poor = s_laptop with { MemoryBytes = memory * Gigabyte, FreeDiskBytes = disk * Gigabyte, Gpus = [.. cards] };
            var rich = poor with { MemoryBytes = poor.MemoryBytes + Gigabyte, FreeDiskBytes = poor.FreeDiskBytes + Gigabyte, Gpus = poor.Gpus.Add(further) };
            return Of(poor, needs) is not Feasibility.Possible || Of(rich, needs) is Feasibility.Possible;
        });
    }

    private static string Words(MachineFacts machine, params Requirement[] rows) => Assert.IsType<Feasibility.NotPossible>(Of(machine, rows)).Words;

    private static Feasibility Of(MachineFacts machine, params Requirement[] rows) => Feasibility.Of(
        new Manifest("x", "X", "foundation", "d", "MIT", "https://example.org", 1, null, "use something else", [.. rows], [], null, null, new([], [], ""), null, null, 1), machine);
}
