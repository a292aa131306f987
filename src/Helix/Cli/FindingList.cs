using Helix.Contracts;
using Helix.Core.Cli;

namespace Helix.Cli;

/// <summary>Shows findings to a person: level, subject, what, and below it what to do.</summary>
internal static class FindingList
{
    public static void Write(Terminal terminal, HealthFinding finding)
    {
        terminal.Out.WriteLine($"{terminal.Tint(finding.Level)}{new string(' ', Math.Max(2, 9 - finding.Level.Length))}{PlainText.Of($"{finding.Subject}: {finding.What}")}");
        if (finding.Remedy is { } remedy) terminal.Tell($"         {remedy}");
    }
}
