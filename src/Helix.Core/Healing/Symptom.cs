using Helix.Core.Fleet;

namespace Helix.Core.Healing;

/// <summary>What is known of an engine that went down.</summary>
/// <param name="Code">Exit code, if it ended by itself.</param>
/// <param name="Signal">Number of the signal that ended it, if one did. Both null: nobody saw it end.</param>
/// <param name="Log">The last lines that it wrote, the last one last.</param>
internal sealed record Symptom(int? Code, int? Signal, IReadOnlyList<string> Log)
{
    /// <summary>It is the built-in engine, whose exit codes are known.</summary>
    public bool IsOurs { get; init; }

    /// <summary>helix ended it, because it did not do this; null where it ended by itself.</summary>
    public HealthStep? Unwell { get; init; }

    /// <summary>The kernel ended something for want of memory while it ran.</summary>
    public bool MemoryRanOut { get; init; }

    /// <summary>There is next to no room on the disk of helix's home.</summary>
    public bool DiskIsFull { get; init; }

    public bool Says(string words) => Log.Any(line => line.Contains(words, StringComparison.OrdinalIgnoreCase));
}
