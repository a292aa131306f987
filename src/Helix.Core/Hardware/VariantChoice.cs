using System.Globalization;

namespace Helix.Core.Hardware;

/// <summary>Which build of the engine this machine should run.</summary>
/// <param name="Note">What a user should know of it: why it is not the one that the hardware lets expect. Null where there is nothing to say.</param>
internal sealed record VariantChoice(EngineVariant Variant, string? Note)
{
    /// <summary>The only platform for which there are builds to be fetched; see docs/adr/0009-gpu-variants.md.</summary>
    private const string FetchedFor = "linux-x64";

    /// <summary>Oldest drivers by NVIDIA's table of minor version compatibility.</summary>
    private static readonly (EngineVariant Variant, int Release, int Driver)[] s_cuda = [(EngineVariant.Cuda13, 13, 580), (EngineVariant.Cuda12, 12, 525)];

    /// <param name="wish">A value of <see cref="DeviceWish"/>.</param>
    /// <param name="refused">Builds that failed their test on this machine, and how.</param>
    public static VariantChoice For(AcceleratorFacts facts, string wish, IReadOnlyDictionary<EngineVariant, string> refused)
    {
        if (wish == DeviceWish.Cpu) return new(EngineVariant.Cpu, null);
        if (facts.Platform != FetchedFor) return Elsewhere(facts, wish);

        var why = new List<string>();
        if (wish is DeviceWish.Auto or DeviceWish.Cuda && Cuda(facts, wish, refused, why) is { } cuda) return new(cuda, Words(why, cuda));
        if (wish is DeviceWish.Auto or DeviceWish.Vulkan && Vulkan(facts, wish, refused, why)) return new(EngineVariant.Vulkan, Words(why, EngineVariant.Vulkan));
        return new(EngineVariant.Cpu, Words(why, EngineVariant.Cpu));
    }

    /// <summary>The name of a build as a user knows it.</summary>
    public static string NameOf(EngineVariant variant) => variant switch
    {
        EngineVariant.Vulkan => "Vulkan",
        EngineVariant.Cuda12 => "CUDA 12",
        EngineVariant.Cuda13 => "CUDA 13",
        _ => "the CPU",
    };

    private static VariantChoice Elsewhere(AcceleratorFacts facts, string wish)
    {
        var expected = wish != DeviceWish.Auto ? $"builtin.device is {wish}" : facts.Nvidia is { } nvidia ? $"an NVIDIA card ({nvidia.Card}) is there" : null;
        return new(EngineVariant.Cpu, expected is null ? null : $"{expected}, but there is no such build of the engine for {facts.Platform}: the one it comes with is used");
    }

    private static EngineVariant? Cuda(AcceleratorFacts facts, string wish, IReadOnlyDictionary<EngineVariant, string> refused, List<string> why)
    {
        if (facts.Nvidia is not { } nvidia)
        {
            if (wish == DeviceWish.Cuda) why.Add("builtin.device is cuda, but NVIDIA's driver is not loaded");
            return null;
        }

        foreach (var (variant, release, driver) in s_cuda)
        {
            if (nvidia.Version?.Major < driver || !facts.CudaRuntimes.Contains(release)) continue;
            if (!refused.TryGetValue(variant, out var failure)) return variant;
            why.Add($"{NameOf(variant)} failed its test on this machine ({failure})");
        }

        if (why.Count == 0) why.Add($"an NVIDIA card ({nvidia.Card}) is there, but {Missing(facts, nvidia)}");
        return null;
    }

    private static string Missing(AcceleratorFacts facts, NvidiaDriver nvidia)
    {
        var possible = s_cuda.Where(cuda => !(nvidia.Version?.Major < cuda.Driver)).Select(cuda => cuda.Release.ToString(CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal).ToArray();
        return possible.Length == 0
            ? $"its driver {nvidia.Version} is older than {s_cuda.Min(cuda => cuda.Driver)}, which CUDA 12 needs"
            : $"the runtime libraries of CUDA {string.Join(" or ", possible)} (libcudart, libcublas) are not";
    }

    private static bool Vulkan(AcceleratorFacts facts, string wish, IReadOnlyDictionary<EngineVariant, string> refused, List<string> why)
    {
        var wished = wish == DeviceWish.Vulkan;
        if (!facts.VulkanLoader)
        {
            if (wished) why.Add("builtin.device is vulkan, but Vulkan's loader (libvulkan.so.1) is not there");
            else if (facts.VulkanDevice) why.Add("a graphics device is there, but Vulkan's loader (libvulkan.so.1) is not");
            return false;
        }

        // who asks for Vulkan may mean a device that files do not show: the test decides
        if (!facts.VulkanDevice && !wished) return false;
        if (!refused.TryGetValue(EngineVariant.Vulkan, out var failure)) return true;
        why.Add($"Vulkan failed its test on this machine ({failure})");
        return false;
    }

    private static string? Words(List<string> why, EngineVariant used) =>
        why.Count == 0 ? null : $"{string.Join("; ", why)}: {(used == EngineVariant.Cpu ? "the CPU computes" : $"{NameOf(used)} is used")}";
}
