using System.Collections.Immutable;

namespace Helix.Core.Sandbox;

/// <summary>What a process inside a sandbox managed to do that it should not: tried, never assumed.</summary>
/// <param name="ReadsFiles">A file outside of its view.</param>
/// <param name="WritesFiles">Into a folder outside of its data.</param>
/// <param name="Connects">To a port of the machine.</param>
/// <param name="SeesProcesses">Of the machine.</param>
/// <param name="Mounts">A folder over another.</param>
/// <param name="Traces">A process outside, or one of its own.</param>
/// <param name="IsRoot">It is root, of whatever namespace.</param>
internal sealed record ProbeReport(bool ReadsFiles, bool WritesFiles, bool Connects, bool SeesProcesses, bool Mounts, bool Traces, bool IsRoot)
{
    /// <summary>The least for which a sandbox is worth its name.</summary>
    public bool Holds => !ReadsFiles && !WritesFiles;
}

/// <summary>A tier that was tried and does not work here.</summary>
internal sealed record TierRefusal(SandboxTier Tier, string Why);

/// <summary>What came of trying the tiers.</summary>
/// <param name="Report">Of the tier that is used; null for none.</param>
/// <param name="Limits">What control groups hold here: memory, pids, cpu.</param>
internal sealed record SandboxState(SandboxTier Tier, string? Tool, ProbeReport? Report, ImmutableArray<TierRefusal> Refusals, ImmutableArray<string> Limits)
{
    public static SandboxState Untried { get; } = new(SandboxTier.None, null, null, [], []);
}
