using System.Collections.Immutable;

namespace Helix.Core.Manifests;

/// <summary>What an engine may touch beside its release, its model and the folder of its data. What is not named is not needed.</summary>
/// <param name="Network">none, or loopback.</param>
/// <param name="Devices">Names with * of device files, where it computes on a GPU.</param>
/// <param name="Reads">Folders.</param>
/// <param name="WritesCode">It runs code that it has written itself.</param>
/// <param name="SharedMemory">It needs /dev/shm.</param>
internal sealed record Touches(string Network, ImmutableArray<string> Devices, ImmutableArray<string> Reads, bool WritesCode, bool SharedMemory);
