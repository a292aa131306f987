using System.Collections.Immutable;

namespace Helix.Core.Connect;

/// <summary>What came of an edit of a tool's settings.</summary>
internal abstract record SettingsOutcome
{
    private SettingsOutcome() { }

    /// <param name="Text">The whole file; equal to the old one where there was nothing to do.</param>
    internal sealed record Edited(string Text) : SettingsOutcome;

    /// <param name="Text">The whole file; null where there was none before, and nothing else has come into it.</param>
    /// <param name="Left">Settings that somebody gave another value since, and that stay.</param>
    internal sealed record Undone(string? Text, ImmutableArray<ToolSetting> Left) : SettingsOutcome;

    /// <param name="Why">Why the file stays as it is.</param>
    internal sealed record Refused(string Why) : SettingsOutcome;
}
