using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Sandbox;

namespace Helix.Core.Hardware;

/// <summary>What was measured before helix is asked to do anything.</summary>
/// <param name="Distribution">The ids of <c>/etc/os-release</c>, the closest first; empty elsewhere.</param>
/// <param name="Hardware">Memory, processors and disk.</param>
/// <param name="Engine">Why the built-in engine's libraries do not load; null if they do.</param>
/// <param name="UnusedNvidia">An NVIDIA card is in the machine, and its driver is not loaded.</param>
/// <param name="Manifests">What is wrong with the user's own manifests.</param>
/// <param name="Built">When this helix was built: no true clock says anything earlier.</param>
internal sealed record PreflightFacts(
    MachineFacts Machine,
    MachineDetails Details,
    ImmutableArray<string> Distribution,
    HardwareFacts Hardware,
    HomeFacts Home,
    long? OpenFiles,
    PortFacts Port,
    string? Engine,
    ImmutableArray<ToolFacts> Tools,
    bool UnusedNvidia,
    NetworkFacts Network,
    ImmutableArray<string> Configuration,
    ImmutableArray<string> Manifests,
    DateTimeOffset Now,
    DateTimeOffset Built)
{
    /// <summary>What providers take of what they may; null where that was not measured.</summary>
    public Install.DiskBudget? Budget { get; init; }

    /// <summary>What was found to hold engines; null where that was not tried.</summary>
    public SandboxState? Sandbox { get; init; }

    public SecurityConfig Security { get; init; } = new();
}

/// <param name="FileSystem">As the system names it; null if unknown.</param>
/// <param name="Refusal">Why it cannot be written to; null if it can.</param>
/// <param name="IsPrivate">Nobody but its owner may look into what helix keeps there; true where there is nothing yet.</param>
internal sealed record HomeFacts(string Path, string? FileSystem, string? Refusal, bool IsPrivate);

/// <param name="Runs">helix runs, and has its port.</param>
/// <param name="Refusal">Why it could not be listened on; null if it could.</param>
/// <param name="IsTaken">That is because somebody else does already.</param>
internal sealed record PortFacts(string Address, bool Runs, string? Refusal, bool IsTaken);

/// <param name="Path">Null: it was not found.</param>
/// <param name="Version">The line in which it says its version; null if it did not say.</param>
/// <param name="Trouble">It is there and does not do what it is needed for.</param>
internal sealed record ToolFacts(Tool Tool, string? Path, string? Version, string? Trouble)
{
    /// <summary>helix can fetch it for itself on this machine.</summary>
    public bool IsFetched { get; init; }
}

/// <param name="Proxies">Variables that name a proxy, without the addresses: they may hold passwords.</param>
internal sealed record NetworkFacts(bool Offline, bool OfflineByEnvironment, ImmutableArray<string> Proxies, ImmutableArray<string> Mirrors, string HubEndpoint);

/// <summary>A program that the installation of an engine may need.</summary>
internal enum Tool
{
    Git,
    Python,
    Uv,
    Node,
    Npm,
    CMake,
    Compiler,
    Ninja,
    Bubblewrap,
}
