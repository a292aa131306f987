using System.Collections.Immutable;

namespace Helix.Core.Hardware;

/// <summary>What this machine has, as far as it could be measured.</summary>
/// <param name="TotalMemory">Bytes that this process may use at all: the machine's, or its container's where that is less.</param>
/// <param name="AvailableMemory">Bytes that are free or can be freed now; null where the system does not say.</param>
/// <param name="LogicalCores">That this process may use.</param>
/// <param name="FreeDisk">Bytes free for this user where models are kept; null if unknown.</param>
/// <param name="Accelerated">True if the engine that would run the model computes on a GPU that shares this memory.</param>
internal sealed record HardwareFacts(
    long TotalMemory, long? AvailableMemory, int LogicalCores, long? FreeDisk, bool Accelerated, ImmutableArray<GpuFacts> Gpus);

/// <summary>A GPU that was found.</summary>
/// <param name="MemoryBytes">Null where nobody who was asked says.</param>
internal sealed record GpuFacts(string Name, long? MemoryBytes);
