using System.Collections.Immutable;

namespace Helix.Core.Sandbox;

/// <summary>All that an engine sees and may do. Whoever starts one passes this on as text: the same sandbox is always the same text.</summary>
/// <param name="Tool">Path of bubblewrap or unshare; null where the tier needs none.</param>
/// <param name="Helix">Path of the helix binary, which restricts the process from within.</param>
/// <param name="Root">The outermost folders of the machine.</param>
/// <param name="Reads">Paths beside the system's own that it may read.</param>
/// <param name="Writes">Folders that it may write to.</param>
/// <param name="Folder">In which it runs.</param>
/// <param name="Devices">Names of device files, with *.</param>
/// <param name="SharedMemory">It needs <c>/dev/shm</c>.</param>
/// <param name="IsIsolated">It has no network but a loopback of its own.</param>
/// <param name="User">Uid that it takes; null: that of whoever started it.</param>
/// <param name="Shared">Of <paramref name="Reads"/>, those that helix owns and may open to that user.</param>
/// <param name="Unprivileged">No capabilities, and the calls that only they or an attack need are refused.</param>
/// <param name="OfRoot">Root starts it: no namespace of users is needed.</param>
/// <param name="Limits">Null for none.</param>
internal sealed record SandboxSpec(
    SandboxTier Tier,
    string? Tool,
    string Helix,
    ImmutableArray<RootFolder> Root,
    ImmutableArray<string> Reads,
    ImmutableArray<string> Writes,
    string Folder,
    ImmutableArray<string> Devices,
    bool SharedMemory,
    SandboxNetwork Network,
    bool IsIsolated,
    int? User,
    ImmutableArray<string> Shared,
    bool Unprivileged,
    bool OfRoot,
    SandboxLimits? Limits)
{
    /// <summary>The plan gives it a GPU: where those are no device files, this opens them.</summary>
    public bool UsesGpu { get; init; }
}

/// <summary>A folder such as <c>/lib64</c>.</summary>
/// <param name="Link">What it links to; null: it is a folder of its own.</param>
internal sealed record RootFolder(string Path, string? Link);

/// <param name="Group">Name of its control group.</param>
/// <param name="MemoryBytes">Null: not limited.</param>
/// <param name="Processes">Threads count, too.</param>
/// <param name="ByResource">No control group holds it: what the limits of processes can hold is held by them.</param>
internal sealed record SandboxLimits(string Group, long? MemoryBytes, int Processes, int Files, bool ByResource = false);
