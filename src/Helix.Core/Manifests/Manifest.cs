using System.Collections.Immutable;

namespace Helix.Core.Manifests;

/// <summary>What is known of a provider, known to be well-formed: only <see cref="ManifestParser"/> makes one.</summary>
/// <param name="Category">One of <see cref="Categories"/>.</param>
/// <param name="Release">Newest release known when the manifest was written.</param>
/// <param name="Elsewhere">What to say on a platform that is not listed.</param>
/// <param name="Platforms">The best first; never empty.</param>
/// <param name="Install">The best first; empty where nobody knows how to install it.</param>
/// <param name="Launch">Null where helix does not start it.</param>
/// <param name="Serves">Null where it is not known what it answers.</param>
/// <param name="Preference">Of several that can serve a model, the one with the lowest number does.</param>
internal sealed record Manifest(
    string Id,
    string Name,
    string Category,
    string Description,
    string Licence,
    string Home,
    int Tier,
    string? Release,
    string Elsewhere,
    ImmutableArray<Requirement> Platforms,
    ImmutableArray<InstallWay> Install,
    VersionTold? Told,
    NewerVersions? Newer,
    LoadableModels Models,
    Launch? Launch,
    Serves? Serves,
    int Preference)
{
    /// <summary>What may be changed of it.</summary>
    public ImmutableArray<Tunable> Tunes { get; init; } = [];

    /// <summary>Null where nothing is said.</summary>
    public Touches? Touches { get; init; }

    /// <summary>As it was written; empty where nobody kept it.</summary>
    public string Text { get; init; } = "";

    /// <summary>Files and folders below its data that a backup holds.</summary>
    public ImmutableArray<string> Backup { get; init; } = [];

    /// <summary>It is used when the user has it running, and never installed.</summary>
    public bool IsAttached => !Install.IsEmpty && Install.All(way => way.Kind == InstallKind.Attach);

    /// <summary>In the order in which they are listed.</summary>
    public static ImmutableArray<string> Categories { get; } = ["foundation", "high-performance", "openai-compatible", "creative-specialised"];

    /// <summary>A category as a heading.</summary>
    public static string Heading(string category) => category switch
    {
        "foundation" => "Foundation",
        "high-performance" => "High-performance",
        "openai-compatible" => "OpenAI-compatible",
        "creative-specialised" => "Creative & specialised",
        _ => category,
    };
}

/// <summary>One platform on which a provider runs, and what it needs there.</summary>
/// <param name="OsVersion">Oldest macOS.</param>
/// <param name="DeviceMemoryGb">Of one GPU, in 10^9 bytes.</param>
/// <param name="MemoryGb">Of the machine, in 10^9 bytes.</param>
/// <param name="DiskGb">Free, in 10^9 bytes.</param>
/// <param name="Otherwise">What to do where this is not met.</param>
internal sealed record Requirement(
    string Os,
    ImmutableArray<string> Architectures,
    Version? OsVersion,
    Version? Glibc,
    Accelerator Accelerator,
    Version? ComputeCapability,
    Version? Driver,
    int? DeviceMemoryGb,
    int? MemoryGb,
    int? DiskGb,
    string? Otherwise);

/// <summary>What an engine computes on.</summary>
internal enum Accelerator
{
    /// <summary>The processor.</summary>
    None,
    Nvidia,
    Amd,

    /// <summary>The GPU of Apple's own chips.</summary>
    Apple,

    /// <summary>Any GPU whose driver speaks Vulkan.</summary>
    Vulkan,
}
