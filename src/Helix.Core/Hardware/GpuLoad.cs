namespace Helix.Core.Hardware;

/// <summary>What a GPU does at this moment; null where nobody says.</summary>
/// <param name="Busy">From 0 to 1.</param>
internal sealed record GpuLoad(string Name, long? MemoryBytes, long? UsedBytes, double? Busy, double? Celsius, double? Watts);
