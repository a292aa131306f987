using System.Collections.Immutable;

namespace Helix.Core.Hardware;

/// <summary>An npm package with libraries of the engine, pinned.</summary>
/// <param name="Integrity">Of the packed file, as npm writes it: the algorithm, a dash and the digest in base 64.</param>
/// <param name="PackedBytes">Size of the packed file.</param>
/// <param name="UnpackedBytes">Size of everything in it.</param>
/// <param name="Folder">Where the libraries lie in it.</param>
internal sealed record EnginePackage(string Name, string Version, string Integrity, long PackedBytes, long UnpackedBytes, string Folder);

/// <summary>The builds of the engine that are fetched when such hardware is found. Sizes and needs as read from the packages: docs/adr/0009-gpu-variants.md.</summary>
internal static class EnginePackages
{
    /// <summary>The same as in engines/package.json: all builds are of one release of llama.cpp.</summary>
    public const string Version = "3.21.1";

    private static readonly EnginePackage s_vulkan = new(
        "@node-llama-cpp/linux-x64-vulkan", Version, "sha512-flEeSzONQ6OIm5bYKLQf4eEnBzcC5WugFbyPUwkCqyyOFZ8pH0H9ulQ7ZNDLSIczeKneMRJornlyY1Hq7d3GDA==",
        27_476_121, 84_503_779, "package/bins/linux-x64-vulkan/");

    private static readonly EnginePackage s_cuda = new(
        "@node-llama-cpp/linux-x64-cuda", Version, "sha512-idsE55VoD/FbvLhnBC9krUJaUoC0XnebseAAnCpm/brKf61HEbu+idgbb5eN6mxkjLSrHtILprJ0nDcUJjVrFg==",
        142_850_036, 188_714_323, "package/bins/linux-x64-cuda/");

    /// <summary>The compute library for CUDA 12 and older cards; everything else is the package's before.</summary>
    private static readonly EnginePackage s_cudaFallback = new(
        "@node-llama-cpp/linux-x64-cuda-ext", Version, "sha512-1PuURowccBcks3CCoMe1mTHh5vD0V5bFHMUEgtbI/OSDjpP+Pdbn+lf42CGUrepTzR8kCH1HovQ7d8q6/vuIKA==",
        176_679_086, 374_222_566, "package/bins/linux-x64-cuda/fallback/");

    /// <summary>What makes up a build; a later package's files replace those of an earlier one. Empty for the build that helix comes with.</summary>
    public static ImmutableArray<EnginePackage> Of(EngineVariant variant) => variant switch
    {
        EngineVariant.Vulkan => [s_vulkan],
        EngineVariant.Cuda13 => [s_cuda],
        EngineVariant.Cuda12 => [s_cuda, s_cudaFallback],
        _ => [],
    };

    /// <summary>Whether a file of the folder is needed: llama.cpp's libraries and the note of their release, not the add-on for Node or the command line's library.</summary>
    public static bool IsNeeded(string file) =>
        file == "_nlcBuildMetadata.json"
        || (file.StartsWith("lib", StringComparison.Ordinal) && file.EndsWith(".so", StringComparison.Ordinal) && !file.StartsWith("libllama-common", StringComparison.Ordinal));
}
