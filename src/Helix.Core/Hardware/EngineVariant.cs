namespace Helix.Core.Hardware;

/// <summary>A build of llama.cpp's libraries.</summary>
internal enum EngineVariant
{
    /// <summary>The one that helix is built with: every processor, and Metal on Apple's chips.</summary>
    Cpu,
    Vulkan,
    Cuda12,
    Cuda13,
}

/// <summary>What <c>builtin.device</c> may say.</summary>
internal static class DeviceWish
{
    public const string Auto = "auto";
    public const string Cpu = "cpu";
    public const string Cuda = "cuda";
    public const string Vulkan = "vulkan";
}
