namespace Helix.Fleet;

/// <summary>How many threads an engine gets where nobody says.</summary>
internal static class EngineThreads
{
    /// <summary>One processor is left to everything else.</summary>
    public static int Usual { get; } = Math.Max(1, Environment.ProcessorCount - 1);
}
