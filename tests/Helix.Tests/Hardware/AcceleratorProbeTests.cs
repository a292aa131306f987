using Helix.Core.Hardware;
using Helix.Hardware;

namespace Helix.Tests.Hardware;

public sealed class AcceleratorProbeTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("helix-test-").FullName;
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_empty_machine_has_nothing()
    {
        var facts = Look();

        Assert.Null(facts.Nvidia);
        Assert.Empty(facts.CudaRuntimes);
        Assert.False(facts.VulkanLoader || facts.VulkanDevice);
        Assert.Equal("", facts.Drivers);
    }

    [Fact]
    public void A_driver_with_its_libraries_is_found()
    {
        Write("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\n");
        Write("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA GeForce RTX 4090\n");
        WriteAll("usr/lib/x86_64-linux-gnu", "libcuda.so.1", "libcudart.so.12", "libcublas.so.12", "libcublasLt.so.12", "libcudart.so.13");

        var facts = Look();

        Assert.Equal(new NvidiaDriver("NVIDIA GeForce RTX 4090", new Version(535, 129, 3)), facts.Nvidia);
        Assert.Equal([12], facts.CudaRuntimes);
        Assert.Empty(facts.CudaFolders);
        Assert.Contains("nvidia 535.129.3", facts.Drivers, StringComparison.Ordinal);
    }

    [Fact]
    public void Libraries_where_no_loader_looks_are_named_to_the_engine()
    {
        WriteAll("lib64", "libcuda.so.1");
        WriteAll("usr/local/cuda-13.1/lib64", "libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13");

        var facts = Look();

        Assert.Equal([13], facts.CudaRuntimes);
        Assert.Equal(Path.Combine(_root, "usr/local/cuda-13.1/lib64"), Probe.EnvironmentFor(facts)["LD_LIBRARY_PATH"]);
    }

    [Fact]
    public void Folders_of_the_loaders_own_list_count()
    {
        Write("etc/ld.so.conf.d/cuda.conf", "# comment\n/somewhere/lib\n");
        WriteAll("somewhere/lib", "libvulkan.so.1", "libcuda.so.1", "libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13");

        var facts = Look();

        Assert.True(facts.VulkanLoader);
        Assert.Equal([13], facts.CudaRuntimes);
        Assert.Empty(facts.CudaFolders);
    }

    [Fact]
    public void Vulkan_needs_a_driver_and_a_device_and_software_is_neither()
    {
        Write("dev/dri/renderD128", "");
        Write("usr/share/vulkan/icd.d/lvp_icd.x86_64.json", "{}");
        Assert.False(Look().VulkanDevice);

        Write("usr/share/vulkan/icd.d/radeon_icd.x86_64.json", "{}");
        Assert.True(Look().VulkanDevice);

        File.Delete(Path.Combine(_root, "dev/dri/renderD128"));
        Assert.False(Look().VulkanDevice);
    }

    [Fact]
    public void An_update_of_a_driver_and_a_choice_of_devices_change_the_words()
    {
        Write("etc/vulkan/icd.d/radeon.json", "{}");
        var before = Look().Drivers;
        File.SetLastWriteTimeUtc(Path.Combine(_root, "etc/vulkan/icd.d/radeon.json"), new DateTime(2031, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var updated = Look().Drivers;
        _variables["GGML_VK_VISIBLE_DEVICES"] = "1";

        Assert.NotEqual(before, updated);
        Assert.NotEqual(updated, Look().Drivers);
        Assert.Equal("1", Probe.EnvironmentFor(Look())["GGML_VK_VISIBLE_DEVICES"]);
    }

    private AcceleratorProbe Probe => new(_root, name => _variables.GetValueOrDefault(name));

    private AcceleratorFacts Look() => Probe.Look();

    private void WriteAll(string folder, params string[] names)
    {
        foreach (var name in names) Write(Path.Combine(folder, name), "");
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
