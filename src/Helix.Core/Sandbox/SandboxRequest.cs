using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Manifests;

namespace Helix.Core.Sandbox;

/// <summary>An engine that is to be shut in.</summary>
/// <param name="Name">Of the instance.</param>
/// <param name="Touches">Null: it needs nothing.</param>
/// <param name="Reads">What it is made of, and its model, links followed.</param>
/// <param name="Data">The one folder in which its files are kept.</param>
/// <param name="Sockets">The folder of its socket; null where it has none.</param>
/// <param name="Folder">In which it runs.</param>
/// <param name="UsesDevices">The plan gives it a GPU.</param>
/// <param name="MemoryBytes">Its limit; null for none.</param>
internal sealed record SandboxRequest(
    string Name,
    string Provider,
    Touches? Touches,
    ImmutableArray<string> Reads,
    string Data,
    string? Sockets,
    string Folder,
    bool UsesDevices,
    long? MemoryBytes);

/// <summary>The machine, as far as sandboxes depend on it.</summary>
/// <param name="Home">Root of helix's own folders.</param>
/// <param name="HomeKey">Tells the homes of one machine apart.</param>
/// <param name="Program">Folder of helix's own files.</param>
/// <param name="OfRoot">helix runs as root.</param>
/// <param name="Users">Numbers that users of this machine have.</param>
internal sealed record SandboxGround(
    SandboxTier Tier,
    string? Tool,
    string Helix,
    string Home,
    string HomeKey,
    ImmutableArray<string> Program,
    ImmutableArray<RootFolder> Root,
    bool OfRoot,
    ImmutableHashSet<int> Users,
    SecurityConfig Config);
