namespace Helix.Install;

/// <summary>A program that steps of an installation call.</summary>
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
}

internal sealed record FoundTool(string Path, Version? Version);

/// <summary>What was found of that which an installation calls.</summary>
internal abstract record ToolsFound
{
    private ToolsFound() { }

    internal sealed record All(IReadOnlyDictionary<Tool, FoundTool> Tools) : ToolsFound;

    /// <param name="Reason">Everything that is missing, and what was found instead.</param>
    /// <param name="Remedy">How to get it.</param>
    internal sealed record Missing(string Reason, string Remedy) : ToolsFound;

    /// <summary>What is missing could be fetched, and was not.</summary>
    internal sealed record Unfetched(InstallOutcome.Failed Outcome) : ToolsFound;
}
