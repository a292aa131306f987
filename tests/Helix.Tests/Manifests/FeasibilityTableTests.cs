using System.Text;
using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Manifests;
using Helix.Tests.Cli;

namespace Helix.Tests.Manifests;

/// <summary>What each provider's manifest comes to on common machines, word for word.</summary>
public sealed class FeasibilityTableTests
{
    private const long Gib = 1L << 30;

    private static readonly MachineFacts s_linux = new("linux", "x64", null, new(2, 39), 0, 200 * Gib, [], false, false);
    private static readonly ComputeGpu s_rtx = new(Accelerator.Nvidia, "NVIDIA GeForce RTX 3090", 24 * Gib, new(8, 6), new(550, 54, 14));
    private static readonly ComputeGpu s_h100 = new(Accelerator.Nvidia, "NVIDIA H100 80GB HBM3", 80 * Gib, new(9, 0), new(580, 65, 6));
    private static readonly ComputeGpu s_apple = new(Accelerator.Apple, "the GPU of this Mac", null, null, null);

    private static readonly (string Name, MachineFacts Facts)[] s_machines =
    [
        ("laptop with 4 GB, Debian 11", s_linux with { Glibc = new(2, 31), MemoryBytes = 38 * Gib / 10, FreeDiskBytes = 6 * Gib }),
        ("laptop with 16 GB", s_linux with { MemoryBytes = 155 * Gib / 10 }),
        ("Apple M3 Pro with 36 GB", new("macos", "arm64", new(15, 5), null, 36 * Gib, 200 * Gib, [s_apple], false, false)),
        ("one NVIDIA with 24 GB", s_linux with { MemoryBytes = 62 * Gib, Gpus = [s_rtx], Vulkan = true }),
        ("eight NVIDIA with 80 GB", s_linux with { MemoryBytes = 2000 * Gib, FreeDiskBytes = 4000 * Gib, Gpus = [.. Enumerable.Repeat(s_h100, 8)], Vulkan = true }),
        ("Raspberry Pi 5 with 8 GB", s_linux with { Architecture = "arm64", Glibc = new(2, 36), MemoryBytes = 78 * Gib / 10, FreeDiskBytes = 40 * Gib }),
        ("WSL with an NVIDIA GPU", s_linux with { MemoryBytes = 155 * Gib / 10, IsWsl = true, Gpus = [new(Accelerator.Nvidia, "the NVIDIA GPU of Windows", null, null, null)] }),
    ];

    [Fact]
    public void Every_provider_on_every_machine()
    {
        var text = new StringBuilder();
        foreach (var (name, facts) in s_machines)
        {
            text.Append($"{name} ({facts.Platform})\n");
            foreach (var manifest in ManifestResource.All.Where(manifest => manifest.Id != Helix.Fleet.Fleet.Builtin))
            {
                var standing = ProviderStanding.Of(manifest, facts);
                text.Append($"  {manifest.Id,-10} {standing.State}: {standing.Reason}\n");
            }
        }

        GoldenFile.Check("feasibility", text.ToString());
    }

    [Theory]
    [InlineData("laptop with 4 GB, Debian 11", "fastchat gpt4all koboldai lmstudio localai mistralrs textgen")]
    [InlineData("laptop with 16 GB", "fastchat gpt4all jan koboldai llamacpp lmstudio localai mistralrs mlx textgen vllm")]
    [InlineData("Apple M3 Pro with 36 GB", "fastchat jan koboldai llamacpp lmstudio localai mistralrs mlx textgen vllm")]
    [InlineData("one NVIDIA with 24 GB", "fastchat gpt4all jan koboldai llamacpp lmstudio localai mistralrs mlx textgen vllm")]
    [InlineData("eight NVIDIA with 80 GB", "fastchat gpt4all jan koboldai llamacpp lmstudio localai mistralrs mlx tabbyapi textgen vllm")]
    [InlineData("Raspberry Pi 5 with 8 GB", "fastchat llamacpp lmstudio localai mistralrs mlx")]
    [InlineData("WSL with an NVIDIA GPU", "fastchat gpt4all jan koboldai llamacpp lmstudio localai mistralrs mlx tabbyapi textgen vllm")]
    public void What_fits_a_machine_is_what_its_hardware_allows(string machine, string ids)
    {
        var facts = s_machines.Single(each => each.Name == machine).Facts;

        Assert.Equal(ids, string.Join(' ', ManifestResource.All.Where(each => each.Id != Helix.Fleet.Fleet.Builtin && Feasibility.Of(each, facts) is Feasibility.Possible).Select(each => each.Id)));
    }
}
