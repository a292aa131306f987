using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Hardware;

public sealed class MachineFileTests
{
    private const string Whole = """
        {"os": "linux", "architecture": "x64", "cores": 16, "memory_gb": 64, "available_memory_gb": 60.5, "free_disk_gb": 500, "glibc": 2.39, "vulkan": true, "wsl": true,
         "gpus": [{"kind": "nvidia", "name": "RTX 3090", "count": 2, "memory_gb": 24, "compute_capability": "8.6", "driver": "550.54.14"}, {"kind": "amd"}]}
        """;

    [Fact]
    public void A_machine_is_read_with_everything_in_it()
    {
        var (file, errors) = Parse(Whole);

        Assert.Empty(errors);
        var card = new ComputeGpu(Accelerator.Nvidia, "RTX 3090", 24_000_000_000, new(8, 6), new(550, 54, 14));
        Assert.Equal(("linux", "x64", new Version(2, 39), 64_000_000_000L, 500_000_000_000L, true, true), (file!.Machine.Os, file.Machine.Architecture, file.Machine.Glibc, file.Machine.MemoryBytes, file.Machine.FreeDiskBytes!.Value, file.Machine.Vulkan, file.Machine.IsWsl));
        Assert.Equal([card, card, new(Accelerator.Amd, "the AMD GPU", null, null, null)], file.Machine.Gpus);
        Assert.Equal((64_000_000_000L, 60_500_000_000L, 16, false, 3), (file.Hardware.TotalMemory, file.Hardware.AvailableMemory!.Value, file.Hardware.LogicalCores, file.Hardware.Accelerated, file.Hardware.Gpus.Length));
    }

    [Fact]
    public void A_mac_computes_in_its_own_memory() =>
        Assert.True(Parse("""{"os": "macos", "architecture": "arm64", "os_version": "15.5", "cores": 12, "memory_gb": 36, "gpus": [{"kind": "apple"}]}""").File!.Hardware.Accelerated);

    [Fact]
    public void What_is_not_said_is_not_held_against_a_machine()
    {
        const string Cards = """{"os": "linux", "architecture": "x64", "cores": 8, "memory_gb": 32, "gpus": [{"kind": "nvidia"}]""";

        Assert.Equal((new Version(2, 39), true), (Parse(Cards + "}").File!.Machine.Glibc, Parse(Cards + "}").File!.Machine.Vulkan));
        var other = Parse(Cards + """, "glibc": "none", "vulkan": false}""").File!.Machine;
        Assert.Equal((null, false), (other.Glibc, other.Vulkan));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once_with_its_path() => Assert.Equal(
        [
            "architecture: is missing", "cores: is missing", "glibc: belongs to Linux only", "gpus[0].kind: is missing", "gpus[0].memory: there is no such key; did you mean memory_gb?",
            "gpus[1]: must be a section with keys of its own", "memory_gb: must be a number from 0 to 1000000 (10^9 bytes), was \"64 GB\"", "memry: there is no such key; these are known: os, architecture, os_version, glibc, cores, memory_gb, available_memory_gb, free_disk_gb, vulkan, wsl, gpus",
            "os_version: must be a version like 2.36, was \"new\"", "wsl: is Linux inside Windows: write os: linux",
        ],
        Parse("""{"os": "macos", "memory_gb": "64 GB", "memry": 1, "glibc": 2.36, "os_version": "new", "wsl": true, "gpus": [{"memory": 1}, 7]}""").Errors.Select(error => error.ToString()).Order(StringComparer.Ordinal));

    [Fact]
    public void Nothing_else_than_such_a_file_makes_the_reader_throw()
    {
        string[] values = ["null", "7", "-1", "\"x\"", "[]", "{}", "[{}]", "true", "1e300", "[null]", "[[]]"];
        var keys = JsonNode.Parse(Whole)!.AsObject().Select(pair => pair.Key).ToArray();
        Gen.Select(Gen.Int[0, keys.Length - 1], Gen.Int[0, values.Length - 1]).Array[1, 4].Sample(changes =>
        {
            var root = JsonNode.Parse(Whole)!.AsObject();
            foreach (var (key, value) in changes) root[keys[key]] = JsonNode.Parse(values[value]);
            var (file, errors) = MachineFile.Parse(new(root, ImmutableDictionary<string, int>.Empty));
            return file is null != errors.IsEmpty;
        });
    }

    private static (MachineFile? File, ImmutableArray<ConfigError> Errors) Parse(string json) => MachineFile.Parse(new((JsonObject)JsonNode.Parse(json)!, ImmutableDictionary<string, int>.Empty));
}
