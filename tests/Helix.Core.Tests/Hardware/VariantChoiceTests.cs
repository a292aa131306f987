using System.Collections.Immutable;
using CsCheck;
using Helix.Core.Hardware;

namespace Helix.Core.Tests.Hardware;

public sealed class VariantChoiceTests
{
    private static readonly AcceleratorFacts s_nothing = new("linux-x64", null, [], [], false, false, "");
    private static readonly Dictionary<EngineVariant, string> s_noneRefused = [];

    private static readonly Gen<AcceleratorFacts> s_facts =
        from platform in Of("linux-x64", "linux-x64", "linux-arm64", "mac-arm64")
        from nvidia in Gen.Bool
        from driver in Gen.Int[400, 700]
        from says in Gen.Bool
        from runtimes in Of<ImmutableArray<int>>([], [12], [13], [12, 13])
        from loader in Gen.Bool
        from device in Gen.Bool
        select new AcceleratorFacts(platform, nvidia ? new NvidiaDriver("card", says ? new Version(driver, 1) : null) : null, runtimes, [], loader, device, "");

    private static readonly Gen<Dictionary<EngineVariant, string>> s_refused =
        Gen.Enum<EngineVariant>().HashSet[0, 4].Select(variants => variants.ToDictionary(variant => variant, _ => "no device was found"));

    [Theory]
    [InlineData("535.129.3", new[] { 12, 13 }, EngineVariant.Cuda12)]
    [InlineData("580.65.6", new[] { 12, 13 }, EngineVariant.Cuda13)]
    [InlineData("580.65.6", new[] { 12 }, EngineVariant.Cuda12)]
    [InlineData("535.129.3", new[] { 13 }, EngineVariant.Vulkan)]
    [InlineData("470.5", new[] { 12, 13 }, EngineVariant.Vulkan)]
    [InlineData("580.65.6", new int[0], EngineVariant.Vulkan)]
    public void The_driver_and_the_libraries_decide_for_an_NVIDIA_card(string driver, int[] runtimes, object expected) =>
        Assert.Equal(expected, Choose(Card(driver, runtimes) with { VulkanLoader = true, VulkanDevice = true }).Variant);

    [Fact]
    public void What_an_NVIDIA_card_lacks_is_said()
    {
        var vulkan = Card("535.129.3", []) with { VulkanLoader = true, VulkanDevice = true };

        Assert.Equal("an NVIDIA card (RTX) is there, but the runtime libraries of CUDA 12 (libcudart, libcublas) are not: Vulkan is used", Choose(vulkan).Note);
        Assert.Equal("an NVIDIA card (RTX) is there, but the runtime libraries of CUDA 12 or 13 (libcudart, libcublas) are not: the CPU computes", Choose(Card("590.1", [])).Note);
        Assert.Equal("an NVIDIA card (RTX) is there, but its driver 470.5 is older than 525, which CUDA 12 needs: the CPU computes", Choose(Card("470.5", [12])).Note);
    }

    [Fact]
    public void A_machine_without_any_device_is_told_nothing() => Assert.Equal(new VariantChoice(EngineVariant.Cpu, null), Choose(s_nothing));

    [Fact]
    public void A_Vulkan_driver_alone_is_no_device_unless_somebody_insists()
    {
        var loader = s_nothing with { VulkanLoader = true };

        Assert.Equal(EngineVariant.Cpu, Choose(loader).Variant);
        Assert.Equal(EngineVariant.Vulkan, Choose(loader, DeviceWish.Vulkan).Variant);
        Assert.Contains("libvulkan.so.1", Choose(s_nothing, DeviceWish.Vulkan).Note, StringComparison.Ordinal);
        Assert.Contains("libvulkan.so.1", Choose(s_nothing with { VulkanDevice = true }).Note, StringComparison.Ordinal);
    }

    [Fact]
    public void What_failed_its_test_is_passed_over_and_named()
    {
        var card = Card("580.1", [12, 13]) with { VulkanLoader = true, VulkanDevice = true };
        var refused = new Dictionary<EngineVariant, string> { [EngineVariant.Cuda13] = "no kernel", [EngineVariant.Cuda12] = "no device" };

        var choice = VariantChoice.For(card, DeviceWish.Auto, refused);

        Assert.Equal(EngineVariant.Vulkan, choice.Variant);
        Assert.Equal("CUDA 13 failed its test on this machine (no kernel); CUDA 12 failed its test on this machine (no device): Vulkan is used", choice.Note);
    }

    [Fact]
    public void Elsewhere_there_is_nothing_to_be_fetched()
    {
        Assert.Equal(new VariantChoice(EngineVariant.Cpu, null), Choose(s_nothing with { Platform = "mac-arm64" }));
        Assert.Contains("linux-arm64", Choose(Card("590.1", [13]) with { Platform = "linux-arm64" }).Note, StringComparison.Ordinal);
        Assert.Contains("builtin.device is cuda", Choose(s_nothing with { Platform = "mac-x64" }, DeviceWish.Cuda).Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_chosen_that_failed_or_that_nobody_wants_or_that_has_no_package() =>
        Gen.Select(s_facts, Of("auto", "cpu", "cuda", "vulkan"), s_refused).Sample((facts, wish, refused) =>
        {
            var choice = VariantChoice.For(facts, wish, refused);
            var wanted = wish switch { "cpu" => choice.Variant == EngineVariant.Cpu, "cuda" => choice.Variant != EngineVariant.Vulkan, "vulkan" => choice.Variant is EngineVariant.Vulkan or EngineVariant.Cpu, _ => true };
            var possible = choice.Variant == EngineVariant.Cpu || (facts.Platform == "linux-x64" && !refused.ContainsKey(choice.Variant) && !EnginePackages.Of(choice.Variant).IsEmpty);
            var explained = choice.Variant != EngineVariant.Cpu || wish is "cpu" or "auto" || choice.Note is not null;
            return wanted && possible && explained;
        });

    [Theory]
    [InlineData("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\nGCC version: gcc version 12.3.0\n", "535.129.3")]
    [InlineData("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (x@y)  Sun Jul 27 07:19:39 UTC 2025", "580.65.6")]
    [InlineData("something else", null)]
    [InlineData("", null)]
    public void The_driver_says_its_version(string text, string? expected) => Assert.Equal(expected, NvidiaDriver.VersionIn(text)?.ToString());

    [Fact]
    public void All_builds_are_pinned_by_name_version_and_digest()
    {
        foreach (var package in new[] { EngineVariant.Vulkan, EngineVariant.Cuda12, EngineVariant.Cuda13 }.SelectMany(variant => EnginePackages.Of(variant)))
        {
            Assert.StartsWith("@node-llama-cpp/linux-x64-", package.Name, StringComparison.Ordinal);
            Assert.Equal(EnginePackages.Version, package.Version);
            Assert.Equal(64, Convert.FromBase64String(package.Integrity["sha512-".Length..]).Length);
        }

        Assert.Empty(EnginePackages.Of(EngineVariant.Cpu));
    }

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static AcceleratorFacts Card(string driver, int[] runtimes) => s_nothing with { Nvidia = new NvidiaDriver("RTX", Version.Parse(driver)), CudaRuntimes = [.. runtimes] };

    private static VariantChoice Choose(AcceleratorFacts facts, string wish = DeviceWish.Auto) => VariantChoice.For(facts, wish, s_noneRefused);
}
