using Helix.Hardware;

namespace Helix.Tests.Hardware;

public sealed class LinuxMemoryTests : IDisposable
{
    private const long Mib = 1L << 20;

    private readonly string _root = Directory.CreateTempSubdirectory("helix-test-").FullName;

    public LinuxMemoryTests() => Write("proc/meminfo", "MemTotal:       16384000 kB\nMemFree:         100 kB\nMemAvailable:    8192000 kB\n");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Without_a_container_the_machine_counts() => Assert.Equal(new MemoryFacts(16384000L * 1024, 8192000L * 1024), LinuxMemory.Read(_root));

    [Fact]
    public void A_limit_of_any_group_above_counts()
    {
        Write("proc/self/cgroup", "0::/user/helix\n");
        Write("sys/fs/cgroup/user/helix/memory.max", "max\n");
        Write("sys/fs/cgroup/user/memory.max", $"{2048 * Mib}\n");
        Write("sys/fs/cgroup/user/memory.current", $"{1024 * Mib}\n");
        Write("sys/fs/cgroup/user/memory.stat", $"anon 5\ninactive_file {512 * Mib}\n");

        Assert.Equal(new MemoryFacts(2048 * Mib, 1536 * Mib), LinuxMemory.Read(_root));
    }

    [Fact]
    public void Version_one_is_understood_too()
    {
        Write("proc/self/cgroup", "5:cpu,cpuacct:/\n4:memory:/docker\n");
        Write("sys/fs/cgroup/memory/docker/memory.limit_in_bytes", $"{1024 * Mib}\n");
        Write("sys/fs/cgroup/memory/docker/memory.usage_in_bytes", $"{256 * Mib}\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

        Assert.Equal(new MemoryFacts(1024 * Mib, 768 * Mib), LinuxMemory.Read(_root));
    }

    [Fact]
    public void Graphics_cards_are_reported_as_the_driver_names_them()
    {
        Write("gpus/0000:01:00.0/information", "Model: \t\t NVIDIA GeForce RTX 4090\nIRQ: 1\n");

        Assert.Equal("NVIDIA GeForce RTX 4090", Assert.Single(HardwareProbe.Gpus(Path.Combine(_root, "gpus"))).Name);
        Assert.Empty(HardwareProbe.Gpus(Path.Combine(_root, "none")));
    }

    [Fact]
    public void This_machine_can_be_measured()
    {
        var facts = HardwareProbe.Measure(Path.Combine(_root, "not", "there", "yet"));

        Assert.InRange(facts.TotalMemory, 64 * Mib, long.MaxValue);
        Assert.True(facts.LogicalCores >= 1);
        Assert.True(facts.FreeDisk > 0);
    }

    private void Write(string path, string text)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
